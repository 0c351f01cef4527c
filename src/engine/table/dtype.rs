//! The table of tensor types: the bits of a value and its use. Names are those of the safetensors
//! format (`Dtype` in its Rust source); others are in uploaded files.

/// A tensor type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dtype {
    pub name: &'static str,
    /// Bits of one value.
    pub bits: i64,
    /// Its main use, in a few words.
    pub about: &'static str,
    /// True if weights of fewer bits are mostly packed into its values, so that a model has more
    /// parameters than values.
    pub packs: bool,
}

const fn row(name: &'static str, bits: i64, about: &'static str) -> Dtype {
    Dtype {
        name,
        bits,
        about,
        packs: false,
    }
}

const fn packing(name: &'static str, bits: i64, about: &'static str) -> Dtype {
    Dtype {
        packs: true,
        ..row(name, bits, about)
    }
}

/// Every known type, the widest floats first.
pub const DTYPES: [Dtype; 22] = [
    row("F64", 64, "high precision, scientific"),
    row("F32", 32, "traditional training"),
    row("BF16", 16, "training and inference, with the range of F32"),
    row("F16", 16, "inference, mixed-precision training"),
    row("F8_E4M3", 8, "quantized: weights and activations"),
    row("F8_E5M2", 8, "quantized: gradients, more range"),
    row("F8_E8M0", 8, "scales of blocks of smaller values"),
    row("F6_E3M2", 6, "quantized, in blocks"),
    row("F6_E2M3", 6, "quantized, in blocks"),
    row("F4", 4, "quantized, in blocks"),
    row("C64", 64, "complex numbers"),
    row("I64", 64, "positions and indexes"),
    packing("I32", 32, "packed weights, as of GPTQ and AWQ"),
    row("I16", 16, "quantized"),
    row("I8", 8, "quantized, one weight a value"),
    row("I4", 4, "quantized"),
    row("U64", 64, "indexes"),
    packing("U32", 32, "packed weights, as of MLX"),
    row("U16", 16, "quantized"),
    packing("U8", 8, "packed weights, as of bitsandbytes and MXFP4"),
    row("U4", 4, "quantized"),
    row("BOOL", 8, "masks"),
];

impl Dtype {
    /// The number of weights of four bits, the commonest packed ones, that a value holds.
    pub const fn weights_of_4_bits(&self) -> i64 {
        self.bits / 4
    }
}

/// The second reading of a parameter count that most of its values were packed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unpacked {
    pub dtype: &'static Dtype,
    /// The parameters, if each value of the type holds as many weights of four bits as it can.
    pub params: i64,
}

/// Returns the second reading of counts by tensor type; `None` where most parameters are of a type
/// that does not pack.
pub fn unpacked(counts: &[(String, i64)]) -> Option<Unpacked> {
    let most = counts.iter().max_by_key(|(_, count)| *count)?;
    let dtype = named(&most.0).filter(|dtype| dtype.packs)?;
    let params = counts.iter().map(|(name, count)| match *name == most.0 {
        true => count.saturating_mul(dtype.weights_of_4_bits()),
        false => *count,
    });
    Some(Unpacked {
        dtype,
        params: params.fold(0, i64::saturating_add),
    })
}

/// Returns the type of this name; `None` for an unknown one.
pub fn named(name: &str) -> Option<&'static Dtype> {
    DTYPES.iter().find(|dtype| dtype.name == name)
}
