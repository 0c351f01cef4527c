//! The question for the terminal's background, and its answer.

/// Asks for the color of the background (OSC 11) and then what the terminal is (DA1). Every terminal
/// answers the latter, so one that does not know its background is noticed at once.
pub const QUESTION: &[u8] = b"\x1b]11;?\x1b\\\x1b[c";

/// Returns true if the background of an answer is light; `None` if the text, without the signs
/// around it, is no such answer.
pub fn is_light(answer: &[u8]) -> Option<bool> {
    let color = str::from_utf8(answer).ok()?.strip_prefix("11;")?;
    let parts = color
        .strip_prefix("rgb:")
        .or_else(|| color.strip_prefix("rgba:"))?;
    let mut levels = parts.split('/').map(level);
    let [red, green, blue] = [levels.next()??, levels.next()??, levels.next()??];
    Some(0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5)
}

/// Returns the level of one to four hexadecimal digits, from 0 to 1.
fn level(digits: &str) -> Option<f64> {
    let most: u16 = match digits.len() {
        1 => 0xf,
        2 => 0xff,
        3 => 0xfff,
        4 => 0xffff,
        _ => return None,
    };
    let level = u16::from_str_radix(digits, 16).ok();
    let level = level.filter(|_| !digits.starts_with('+'))?;
    Some(f64::from(level) / f64::from(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_all_depths() {
        for (answer, expected) in [
            ("11;rgb:0000/0000/0000", Some(false)),
            ("11;rgb:ffff/ffff/ffff", Some(true)),
            ("11;rgb:28/2c/34", Some(false)),
            ("11;rgb:fd/f6/e3", Some(true)),
            ("11;rgb:f/f/f", Some(true)),
            ("11;rgba:1e1e/1e1e/1e1e/8080", Some(false)),
            // Pure blue is dark, pure green is light.
            ("11;rgb:0000/0000/ffff", Some(false)),
            ("11;rgb:0000/ffff/0000", Some(true)),
            ("11;rgb:ffff/ffff", None),
            ("11;rgb:fffff/0/0", None),
            ("11;rgb://", None),
            ("11;rgb:+f/0/0", None),
            ("11;?", None),
            ("10;rgb:ffff/ffff/ffff", None),
            ("", None),
        ] {
            assert_eq!(is_light(answer.as_bytes()), expected, "{answer}");
        }
    }
}
