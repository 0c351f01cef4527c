//! Whatever keys are pressed on whatever screen, the explorer goes on.

use hubscope::tui::app::Event;
use hubscope::tui::headless::Headless;
use hubscope::tui::keymap::KEYMAP;
use hubscope::tui::keys::key_of;
use hubscope::tui::theme::Palette;
use proptest::prelude::*;

use crate::common::hub;
use crate::sample::loaded;

/// Something that can happen to the explorer.
#[derive(Clone, Debug)]
enum Happening {
    Key(&'static str),
    Letter(char),
    Paste(String),
    Resize(u16, u16),
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let bindings = KEYMAP.contexts().iter().flat_map(|keys| &keys.bindings);
    let keys: Vec<&'static str> = bindings.flat_map(|b| &b.keys).map(String::as_str).collect();
    let one = prop_oneof![
        8 => prop::sample::select(keys).prop_map(Happening::Key),
        2 => prop::char::range('a', 'z').prop_map(Happening::Letter),
        1 => any::<char>().prop_map(Happening::Letter),
        1 => ".{0,12}".prop_map(Happening::Paste),
        1 => (0..140_u16, 0..50_u16).prop_map(|(w, h)| Happening::Resize(w, h)),
    ];
    prop::collection::vec(one, 200)
}

fn event(happening: Happening) -> Option<Event> {
    Some(match happening {
        Happening::Key(name) => Event::Key(key_of(name)?),
        Happening::Letter(c) => Event::Key(crossterm::event::KeyCode::Char(c).into()),
        Happening::Paste(text) => Event::Paste(text),
        Happening::Resize(w, h) => Event::Resize(w, h),
    })
}

proptest! {
    // 50 cases of 200 events: 10,000 events.
    #![proptest_config(ProptestConfig { cases: 50, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_keys_and_sizes_never_panic(happenings in happenings(), loaded_at in 0..3_usize) {
        let stages = &loaded().0;
        let mut stage = Headless::new(stages[loaded_at].clone(), (80, 24), Palette::Sixteen);
        for (at, happening) in happenings.into_iter().enumerate() {
            if at == 100 {
                stage.happen(Event::Loaded(Box::new(stages[2].clone())));
            }
            if let Some(event) = event(happening) {
                stage.happen(event);
            }
            let picture = stage.picture();
            prop_assert_eq!(picture.area, stage.app.screen);
            prop_assert!(!stage.app.is_waiting());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, failure_persistence: None, ..ProptestConfig::default() })]

    /// Wherever a session ends, the next one goes on there; only rows of its tree may be closed again.
    #[test]
    fn any_session_is_resumed(happenings in happenings().prop_map(|all| all.into_iter().take(60))) {
        let mut stage = Headless::new(hub(), (100, 30), Palette::None);
        for event in happenings.filter_map(event) {
            stage.happen(event);
        }
        // A query that is none lists what the last valid one found, which nothing stores.
        let is_valid = stage.app.session.query.mistake.is_none();
        let stored = stage.app.stored("this".to_owned()).filter(|_| is_valid);
        let Some(mut before) = stored else {
            return Ok(());
        };
        let mut later = Headless::new(hub(), (100, 30), Palette::None);
        later.app.session.resumable = Some(before.clone());
        later.keys(".").unwrap();
        let after = later.app.stored("this".to_owned());
        let mut after = after.unwrap_or_default();
        for session in [&mut before, &mut after] {
            session.tree.iter_mut().for_each(|tree| tree.open.clear());
        }
        prop_assert_eq!(after, before);
    }
}
