//! A hub on its way: what is reported meanwhile, and what waits until all is there.

use hubscope::engine::table::stage::Stage as Loaded;
use hubscope::tui::app::Event;
use hubscope::tui::headless::Headless;
use hubscope::tui::theme::Palette;

use crate::sample::loaded;

#[test]
fn a_record_is_read_once_all_is_loaded_or_loading_has_failed() {
    let (hubs, _) = loaded();
    let stages: Vec<Loaded> = hubs.iter().map(|hub| hub.stage).collect();
    assert_eq!(
        stages,
        [
            Loaded::Names,
            Loaded::Lineage,
            Loaded::Fields,
            Loaded::Complete
        ]
    );
    for fails_at in [1, 2, 3, 4] {
        let mut stage = Headless::new(hubs[0].clone(), (120, 40), Palette::Dark);
        for hub in &hubs[1..fails_at] {
            stage.keys("j").unwrap();
            assert!(stage.app.session.current.is_some());
            assert!(stage.app.details.record.is_none());
            stage.happen(Event::Loaded(Box::new(hub.clone())));
        }
        if fails_at < hubs.len() {
            stage.happen(Event::Failed("the file is damaged".to_owned()));
        }
        let record = stage.app.details.record.as_ref().unwrap();
        let hub = stage.app.session.hub.as_ref().unwrap();
        let model = hub.graph.model(stage.app.session.current.unwrap()).unwrap();
        assert_eq!(**record.as_ref().unwrap(), hub.record(model).unwrap());
    }
}

#[test]
fn progress_is_reported_in_few_steps() {
    let mut parts = loaded().1.clone();
    parts.sort_by(f32::total_cmp);
    assert!(parts.first().is_some_and(|part| *part > 0.0));
    assert!(parts.last().is_some_and(|part| (0.9..1.001).contains(part)));
    // No two that a bar of fifty cells would show alike.
    let step = |part: f32| (part * 50.0).floor();
    assert!(
        parts.windows(2).all(|pair| step(pair[0]) < step(pair[1])),
        "{parts:?}"
    );
}
