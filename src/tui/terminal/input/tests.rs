use crossterm::event::{MouseButton, MouseEventKind};
use proptest::prelude::*;

use super::*;
use crate::tui::keys::{key_of, keys_of};

const MS: Duration = Duration::from_millis(1);

/// A parser with a clock of its own.
struct Typist {
    parser: Parser,
    now: Instant,
}

impl Typist {
    fn new() -> Typist {
        let now = Instant::now();
        Typist {
            parser: Parser::new(now),
            now,
        }
    }

    /// Lets time pass, as the thread that reads does: it wakes at each deadline.
    fn wait(&mut self, time: Duration) -> Vec<Input> {
        self.now += time;
        self.parser.expire(self.now)
    }

    fn send(&mut self, bytes: &[u8]) -> Vec<Input> {
        self.parser.feed(bytes, self.now)
    }
}

/// Returns what these pieces are, with a gap after each, and a long silence at the end.
fn parsed(pieces: &[&[u8]], gap: Duration) -> Vec<Input> {
    let mut typist = Typist::new();
    let mut all = Vec::new();
    for piece in pieces {
        all.extend(typist.send(piece));
        all.extend(typist.wait(gap));
    }
    all.extend(typist.wait(Duration::from_millis(1200)));
    all
}

fn keys(script: &str) -> Vec<Input> {
    let keys = keys_of(script).unwrap();
    let shifted = keys.into_iter().map(|mut key| {
        if matches!(key.code, KeyCode::Char(c) if c.is_uppercase()) || key.code == KeyCode::BackTab
        {
            key.modifiers |= KeyModifiers::SHIFT;
        }
        Input::Key(key)
    });
    shifted.collect()
}

const LEFT: MouseButton = MouseButton::Left;

fn mouse(kind: MouseEventKind, (column, row): (u16, u16)) -> Vec<Input> {
    vec![Input::Mouse(MouseEvent {
        kind,
        column,
        row,
        modifiers: KeyModifiers::NONE,
    })]
}

fn with(code: KeyCode, modifiers: KeyModifiers) -> Vec<Input> {
    vec![Input::Key(KeyEvent::new(code, modifiers))]
}

fn paste(text: &str) -> Input {
    Input::Paste(text.to_owned())
}

/// Whole sequences, after xterm's "ctlseqs", the Linux "console_codes" and rxvt's reference.
fn sequences() -> Vec<(&'static [u8], Vec<Input>)> {
    let (shift, alt, control) = (
        KeyModifiers::SHIFT,
        KeyModifiers::ALT,
        KeyModifiers::CONTROL,
    );
    vec![
        (b"q", keys("q")),
        (b"G", keys("G")),
        (b" ", keys("<space>")),
        (b"\r", keys("<enter>")),
        (b"\n", keys("<ctrl-j>")),
        (b"\t", keys("<tab>")),
        (b"\x7f", keys("<backspace>")),
        (b"\x08", keys("<ctrl-h>")),
        (b"\x03", keys("<ctrl-c>")),
        (b"\x1a", keys("<ctrl-z>")),
        (b"\x1f", keys("<ctrl-7>")),
        (b"\0", with(KeyCode::Char(' '), control)),
        ("é".as_bytes(), keys("é")),
        ("模".as_bytes(), keys("模")),
        ("🦀".as_bytes(), keys("🦀")),
        (b"\x1b[A", keys("<up>")),
        (b"\x1b[B", keys("<down>")),
        (b"\x1b[C", keys("<right>")),
        (b"\x1b[D", keys("<left>")),
        (b"\x1bOA", keys("<up>")),
        (b"\x1bOD", keys("<left>")),
        (b"\x1b[H", keys("<home>")),
        (b"\x1bOH", keys("<home>")),
        (b"\x1b[1~", keys("<home>")),
        (b"\x1b[7~", keys("<home>")),
        (b"\x1b[F", keys("<end>")),
        (b"\x1bOF", keys("<end>")),
        (b"\x1b[4~", keys("<end>")),
        (b"\x1b[8~", keys("<end>")),
        (b"\x1b[2~", with(KeyCode::Insert, KeyModifiers::NONE)),
        (b"\x1b[3~", keys("<delete>")),
        (b"\x1b[5~", keys("<pageup>")),
        (b"\x1b[6~", keys("<pagedown>")),
        (b"\x1b[Z", keys("<backtab>")),
        (b"\x1bOP", keys("<f1>")),
        (b"\x1b[11~", keys("<f1>")),
        (b"\x1b[[A", keys("<f1>")),
        (b"\x1b[P", keys("<f1>")),
        (b"\x1bOS", keys("<f4>")),
        (b"\x1b[[E", keys("<f5>")),
        (b"\x1b[15~", keys("<f5>")),
        (b"\x1b[17~", keys("<f6>")),
        (b"\x1b[21~", keys("<f10>")),
        (b"\x1b[23~", keys("<f11>")),
        (b"\x1b[24~", keys("<f12>")),
        (b"\x1b[1;2A", keys("<shift-up>")),
        (b"\x1b[1;2B", keys("<shift-down>")),
        (b"\x1b[2B", keys("<shift-down>")),
        (b"\x1b[b", keys("<shift-down>")),
        (b"\x1b[1;5C", with(KeyCode::Right, control)),
        (b"\x1bOc", with(KeyCode::Right, control)),
        (b"\x1b[1;6D", with(KeyCode::Left, shift | control)),
        (b"\x1b[1;3A", with(KeyCode::Up, alt)),
        (b"\x1b[5;5~", with(KeyCode::PageUp, control)),
        (b"\x1b[5$", with(KeyCode::PageUp, shift)),
        (b"\x1b[6^", with(KeyCode::PageDown, control)),
        (b"\x1b[1;2P", with(KeyCode::F(1), shift)),
        (b"\x1b[1;2R", with(KeyCode::F(3), shift)),
        (b"\x1ba", with(KeyCode::Char('a'), alt)),
        (b"\x1b\r", with(KeyCode::Enter, alt)),
        ("\x1bé".as_bytes(), with(KeyCode::Char('é'), alt)),
        (b"\x1b[113u", keys("q")),
        (b"\x1b[99;5u", keys("<ctrl-c>")),
        (b"\x1b[27;5;99~", keys("<ctrl-c>")),
        (b"\x1b[13u", keys("<enter>")),
        (b"\x1b\x1b[B", keys("<esc><down>")),
        (
            b"\x1b[200~two\r\nlines \x1b[B\x1b[201~",
            vec![paste("two\r\nlines \x1b[B")],
        ),
        (b"\x1b[200~\x1b[201~", vec![paste("")]),
        ("\x1b[200~模\x1b[201~".as_bytes(), vec![paste("模")]),
        // Reports and answers, and keys that the program does not know.
        (b"\x1b[?997;1n", vec![]),
        (b"\x1b[?62;22c", vec![Input::Attributes]),
        (b"\x1b[?1;2c", vec![Input::Attributes]),
        (b"\x1b[>1;10;0c", vec![]),
        (b"\x1b[?2026;2$y", vec![]),
        (b"\x1b[24;80R", vec![]),
        (b"\x1b[I", vec![]),
        (b"\x1b[O", vec![]),
        (b"\x1b[8;40;120t", vec![]),
        (
            b"\x1b[<0;10;20M",
            mouse(MouseEventKind::Down(LEFT), (9, 19)),
        ),
        (b"\x1b[<0;10;20m", mouse(MouseEventKind::Up(LEFT), (9, 19))),
        (b"\x1b[<32;1;1M", mouse(MouseEventKind::Drag(LEFT), (0, 0))),
        (
            b"\x1b[<64;300;90M",
            mouse(MouseEventKind::ScrollUp, (299, 89)),
        ),
        (
            b"\x1b[<65;10;20M",
            mouse(MouseEventKind::ScrollDown, (9, 19)),
        ),
        // With Ctrl held.
        (
            b"\x1b[<81;10;20M",
            mouse(MouseEventKind::ScrollDown, (9, 19)),
        ),
        // Other buttons, moves, places that are none, and reports of other kinds.
        (b"\x1b[<1;10;20M", vec![]),
        (b"\x1b[<2;10;20M", vec![]),
        (b"\x1b[<34;10;20M", vec![]),
        (b"\x1b[<35;10;20M", vec![]),
        (b"\x1b[<66;10;20M", vec![]),
        (b"\x1b[<128;10;20M", vec![]),
        (b"\x1b[<0;0;20M", vec![]),
        (b"\x1b[<0;99999;20M", vec![]),
        (b"\x1b[<0;10M", vec![]),
        (b"\x1b[<0;;20M", vec![]),
        (b"\x1b[<0;10;20;30M", vec![]),
        (b"\x1b[32;10;20M", vec![]),
        (b"\x1b[M !q", vec![]),
        (b"\x1b[M\x1b[A", vec![]),
        (b"\x1b[99999999999999999999A", vec![]),
        (b"\x1b[1;2;3;4;5A", vec![]),
        (
            b"\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
            vec![Input::Background(false)],
        ),
        (
            b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\",
            vec![Input::Background(true)],
        ),
        (b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\", vec![]),
        (b"\x1bP11;rgb:ffff/ffff/ffff\x1b\\", vec![]),
        (b"\x1bP>|XTerm(388)\x1b\\", vec![]),
        (b"\x1b_Gi=31;OK\x1b\\", vec![]),
        (b"\x1b^private\x1b\\", vec![]),
        (b"\x1bXstring\rq\x1b\\", vec![]),
        // No characters.
        (b"\xff", vec![]),
        (b"\xc3q", keys("q")),
        (b"\xed\xa0\x80q", keys("q")),
        (b"\xc2\x9bq", keys("q")),
    ]
}

#[test]
fn sequences_are_keys() {
    for (bytes, expected) in sequences() {
        let then_q = [bytes, b"q"].concat();
        let expected = [expected, keys("q")].concat();
        assert_eq!(parsed(&[&then_q], MS), expected, "{then_q:?}");
    }
}

#[test]
fn a_sequence_may_be_split_anywhere() {
    for (bytes, expected) in sequences() {
        for at in 0..=bytes.len() {
            let (before, after) = bytes.split_at(at);
            for gap in [1, 29, 31, 60, 120, 149].map(|ms| MS * ms) {
                // After 30 ms an ESC alone is a key.
                if gap > ESC_PATIENCE && before.ends_with(b"\x1b") && !is_in_text(before) {
                    continue;
                }
                let split = parsed(&[before, after], gap);
                assert_eq!(split, expected, "{before:?}, {gap:?}, {after:?}");
            }
        }
        let bytewise: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(parsed(&bytewise, MS * 29), expected, "{bytes:?}");
    }
}

/// Returns true if this begins a control string or a paste.
fn is_in_text(bytes: &[u8]) -> bool {
    let begun = [
        &b"\x1b]"[..],
        b"\x1bP",
        b"\x1b_",
        b"\x1b^",
        b"\x1bX",
        b"\x1b[200~",
    ];
    begun.iter().any(|text| bytes.starts_with(text))
}

#[test]
fn a_lone_escape_acts_after_30_ms() {
    let mut typist = Typist::new();
    assert_eq!(typist.send(b"\x1b"), []);
    assert_eq!(typist.parser.deadline(), Some(typist.now + 30 * MS));
    assert_eq!(typist.wait(29 * MS), []);
    assert_eq!(typist.wait(MS), keys("<esc>"));
    assert_eq!(typist.send(b"j"), keys("j"));
    assert_eq!(typist.parser.deadline(), None);
}

/// The rest of a key that arrives after its ESC has acted is that key, and the next one waits for it.
#[test]
fn a_slow_line_makes_escape_wait_longer() {
    let mut typist = Typist::new();
    typist.send(b"\x1b");
    assert_eq!(typist.wait(60 * MS), keys("<esc>"));
    assert_eq!(typist.send(b"["), []);
    assert_eq!(typist.wait(60 * MS), []);
    assert_eq!(typist.send(b"B"), keys("<down>"));
    for gap in [60, 119] {
        assert_eq!(typist.send(b"\x1b"), []);
        assert_eq!(typist.wait(gap * MS), []);
        assert_eq!(typist.send(b"OA"), keys("<up>"));
    }
    typist.send(b"\x1b");
    assert_eq!(typist.wait(149 * MS), []);
    assert_eq!(typist.wait(MS), keys("<esc>"));
}

/// A gap anywhere in a key shows what the line is like, before it costs one.
#[test]
fn a_gap_in_any_key_counts() {
    for (pieces, patience) in [
        (["\x1b", "[B"], 50),
        (["\x1b[1;", "2B"], 50),
        (["\x1bO", "A"], 50),
        // No key, so that nothing is known.
        (["\x1b[?", "1c"], 30),
        (["\x1b]11;", "x\x07"], 30),
    ] {
        let mut typist = Typist::new();
        typist.send(pieces[0].as_bytes());
        typist.wait(25 * MS);
        typist.send(pieces[1].as_bytes());
        typist.send(b"\x1b");
        let deadline = typist.now + patience * MS;
        assert_eq!(typist.parser.deadline(), Some(deadline), "{pieces:?}");
    }
}

#[test]
fn keys_after_a_lone_escape_are_not_lost() {
    assert_eq!(parsed(&[b"\x1b", b"["], 50 * MS), keys("<esc>["));
    assert_eq!(parsed(&[b"\x1b", b"O"], 50 * MS), keys("<esc>O"));
    assert_eq!(parsed(&[b"\x1b", b"j", b"P"], 50 * MS), keys("<esc>jP"));
    assert_eq!(parsed(&[b"\x1b", b"[B"], 151 * MS), keys("<esc>[B"));
}

#[test]
fn what_is_cut_off_is_dropped_after_a_silence() {
    let cut: [&[u8]; 12] = [
        b"\x1b[",
        b"\x1bO",
        b"\x1b[<",
        b"\x1b[?",
        b"\x1b[1;",
        b"\x1b[[",
        b"\x1b[M ",
        b"\x1b]11;rgb",
        b"\x1bPq",
        b"\x1b_Gi=1\x1b",
        b"\xe6\xa8",
        b"\x1b[5 ",
    ];
    for bytes in cut {
        assert_eq!(parsed(&[bytes, b"q"], 150 * MS), keys("q"), "{bytes:?}");
    }
    // A control key acts at once.
    for bytes in [&b"\x1b[?"[..], b"\x1b]11;", b"\x1bO", b"\xe6"] {
        let mut typist = Typist::new();
        typist.send(bytes);
        assert_eq!(typist.send(b"\x03"), keys("<ctrl-c>"), "{bytes:?}");
    }
}

#[test]
fn a_paste_without_an_end_is_taken_after_a_second() {
    for end in [&b""[..], b"\x1b", b"\x1b[20"] {
        let mut typist = Typist::new();
        assert_eq!(typist.send(b"\x1b[200~llama"), []);
        assert_eq!(typist.wait(900 * MS), []);
        assert_eq!(typist.send(&[b" 3", end].concat()), []);
        assert_eq!(typist.wait(999 * MS), []);
        assert_eq!(typist.wait(MS), [paste("llama 3")]);
        assert_eq!(typist.send(b"q"), keys("q"));
    }
}

#[test]
fn long_strings_and_pastes_are_bounded() {
    let mut typist = Typist::new();
    typist.send(b"\x1b]52;c;");
    assert_eq!(typist.send(&vec![b'A'; STRING_BYTES - 5]), []);
    assert_eq!(typist.send(b"q"), keys("q"));
    typist.send(b"\x1b[200~");
    let half = vec![b'a'; PASTE_BYTES / 2 + 1_000];
    let text = [&half[..], &half, PASTE_END].concat();
    assert_eq!(typist.send(&text), [paste(&"a".repeat(PASTE_BYTES))]);
    typist.send(b"\x1b[");
    typist.send(&[b'1'; 10_000]);
    assert!(typist.parser.held.len() <= PARAMETER_BYTES);
    assert_eq!(typist.send(b"Aq"), keys("q"));
}

/// Pieces of sequences and random bytes: neither only noise nor only sense.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let pieces = [
        &b"\x1b"[..],
        b"[",
        b"O",
        b"\x1b[",
        b"\x1b]",
        b"\x1b_",
        b"\x1bP",
        b"\x1b[200~",
        b"\x1b[201~",
        b"\x1b[M",
        b"\x1b[<",
        b"1;2",
        b"~",
        b"$",
        b"A",
        b"\\",
        b"\x07",
        b"\xe6\xa8",
        b"\xf0",
    ];
    let piece = prop_oneof![
        prop::sample::select(pieces.to_vec()).prop_map(<[u8]>::to_vec),
        prop::collection::vec(any::<u8>(), 1..4),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_makes_it_deaf(pieces in prop::collection::vec((noise(), 0..400_u32), 0..6)) {
        let mut typist = Typist::new();
        for (bytes, gap) in pieces {
            typist.send(&bytes);
            typist.wait(MS * gap);
        }
        typist.wait(MS * 1200);
        prop_assert_eq!(typist.parser.deadline(), None);
        prop_assert_eq!(typist.send(b"q"), keys("q"));
    }

    #[test]
    fn reads_make_no_difference(bytes in noise(), lens in prop::collection::vec(1..9_usize, 300)) {
        let whole = parsed(&[&bytes], Duration::ZERO);
        let mut pieces = Vec::new();
        let mut rest = &bytes[..];
        for len in lens {
            let (piece, after) = rest.split_at(len.min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        pieces.push(rest);
        prop_assert_eq!(parsed(&pieces, Duration::ZERO), whole);
    }
}

#[test]
fn every_key_of_the_keymap_can_be_sent() {
    let sent: Vec<Input> = sequences().into_iter().flat_map(|(_, keys)| keys).collect();
    for named in crate::tui::keymap::KEYMAP.contexts() {
        for name in named.bindings.iter().flat_map(|binding| &binding.keys) {
            let key = key_of(name).unwrap();
            // Letters differ only in the letter.
            if name.chars().count() > 1 && !name.starts_with("ctrl-") && name != "space" {
                let is_sent = |input: &Input| matches!(input, Input::Key(k) if k.code == key.code);
                assert!(sent.iter().any(is_sent), "{name}");
            }
        }
    }
}
