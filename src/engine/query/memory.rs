//! What a model's weights take in memory: parameters times bits. What a run takes besides, such as
//! the context, is not in it.

/// The bits of a weight that memory is told for: as most are published, and quantized.
pub const WIDTHS: [u32; 3] = [16, 8, 4];

/// The bytes of so many parameters of so many bits each, rounded up.
pub fn bytes(params: i64, bits: u32) -> i64 {
    let bits = i128::from(params) * i128::from(bits);
    let bytes = bits.div_euclid(8) + i128::from(bits.rem_euclid(8) > 0);
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_of_all_parameters() {
        assert_eq!(bytes(8_767_123_696, 16), 17_534_247_392);
        assert_eq!(bytes(3, 4), 2);
        assert_eq!(bytes(i64::MAX, 16), i64::MAX);
    }
}
