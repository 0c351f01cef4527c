//! Values of any type a writer chose, brought to the type of their field: text, counts, scores and
//! times. A value that is none becomes null.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use polars::prelude::{ArrowDataType, ArrowTimeUnit};
use polars_arrow::array::{
    Array, BinaryViewArray, BooleanArray, FixedSizeBinaryArray, MutableBinaryViewArray,
    PrimitiveArray,
};
use polars_arrow::types::NativeType;

use crate::engine::table::bitset::ones;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// Returns true if a column of this type holds text.
pub fn is_text(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as T;
    matches!(dtype, T::BinaryView | T::Utf8View | T::FixedSizeBinary(_))
}

/// Returns the values as text, not yet checked to be UTF-8. Numbers are written out; values of
/// nested types are null.
pub fn texts(array: &dyn Array) -> BinaryViewArray {
    use ArrowDataType as T;
    let any = array.as_any();
    if let Some(texts) = any.downcast_ref::<BinaryViewArray>() {
        return texts.clone();
    }
    let mut texts = MutableBinaryViewArray::<[u8]>::with_capacity(array.len());
    if let Some(values) = any.downcast_ref::<FixedSizeBinaryArray>() {
        texts.extend(values.iter());
    } else if let Some(values) = any.downcast_ref::<BooleanArray>() {
        texts.extend(values.iter().map(|value| value.map(|v| v.to_string())));
    } else if let (T::Float32 | T::Float64, scores) = (array.dtype(), scores(array)) {
        texts.extend(scores.iter().map(|value| value.map(ToString::to_string)));
    } else {
        let counts = integers(array);
        texts.extend(counts.iter().map(|value| value.map(ToString::to_string)));
    }
    texts.into()
}

/// Returns whole numbers of things; a negative count is null. Shares the memory of 64-bit integers.
pub fn counts(array: &dyn Array) -> PrimitiveArray<i64> {
    let counts = integers(array);
    match counts.values().iter().any(|count| *count < 0) {
        true => each(&counts, |count: i64| (count >= 0).then_some(count)),
        false => counts,
    }
}

/// Returns whole numbers of any width and either sign. Fractions are cut off, and text is parsed.
fn integers(array: &dyn Array) -> PrimitiveArray<i64> {
    use ArrowDataType as T;
    #[expect(clippy::cast_possible_truncation, reason = "saturates, as wanted")]
    let whole = |value: f64| (!value.is_nan()).then_some(value as i64);
    match array.dtype() {
        T::Int64 => shared(array),
        T::Int8 => each(array, |v: i8| Some(v.into())),
        T::Int16 => each(array, |v: i16| Some(v.into())),
        T::Int32 => each(array, |v: i32| Some(v.into())),
        T::UInt8 => each(array, |v: u8| Some(v.into())),
        T::UInt16 => each(array, |v: u16| Some(v.into())),
        T::UInt32 => each(array, |v: u32| Some(v.into())),
        T::UInt64 => each(array, |v: u64| i64::try_from(v).ok()),
        T::Float32 => each(array, |v: f32| whole(v.into())),
        T::Float64 => each(array, whole),
        T::Decimal(_, scale) | T::Decimal32(_, scale) | T::Decimal64(_, scale) => {
            let one = u32::try_from(*scale)
                .ok()
                .and_then(|scale| 10_i128.checked_pow(scale));
            each(array, |v: i128| i64::try_from(v.checked_div(one?)?).ok())
        }
        dtype if is_text(dtype) => parsed(array, |text| text.parse().ok()),
        _ => PrimitiveArray::new_null(T::Int64, array.len()),
    }
}

/// Returns numbers with a fraction; one that is not a number is null.
pub fn scores(array: &dyn Array) -> PrimitiveArray<f64> {
    use ArrowDataType as T;
    let number = |value: f64| (!value.is_nan()).then_some(value);
    match array.dtype() {
        T::Float64 => {
            let scores: PrimitiveArray<f64> = shared(array);
            match scores.values().iter().any(|score| score.is_nan()) {
                true => each(array, number),
                false => scores,
            }
        }
        T::Float32 => each(array, |v: f32| number(v.into())),
        dtype if is_text(dtype) => parsed(array, |text| text.parse().ok().and_then(number)),
        #[expect(clippy::cast_precision_loss, reason = "a score has no unit")]
        _ => integers(array)
            .iter()
            .map(|n| n.map(|n| *n as f64))
            .collect(),
    }
}

/// Returns times in microseconds since 1970 UTC: from timestamps of any unit, with a zone (which
/// parquet keeps beside values in UTC) or without, from days, or from ISO 8601 text.
pub fn times(array: &dyn Array) -> PrimitiveArray<i64> {
    use ArrowDataType as T;
    match array.dtype() {
        T::Timestamp(ArrowTimeUnit::Microsecond, _) => shared(array),
        T::Timestamp(unit, _) => {
            let unit = *unit;
            each(array, move |v: i64| match unit {
                ArrowTimeUnit::Second => v.checked_mul(1_000_000),
                ArrowTimeUnit::Millisecond => v.checked_mul(1_000),
                ArrowTimeUnit::Microsecond => Some(v),
                ArrowTimeUnit::Nanosecond => Some(v.div_euclid(1_000)),
            })
        }
        T::Date32 => each(array, |days: i32| i64::from(days).checked_mul(DAY)),
        T::Date64 => each(array, |millis: i64| millis.checked_mul(1_000)),
        dtype if is_text(dtype) => parsed(array, time_of_text),
        _ => PrimitiveArray::new_null(T::Int64, array.len()),
    }
}

/// Microseconds since 1970 of an ISO 8601 text; without a zone it is taken as UTC.
fn time_of_text(text: &str) -> Option<i64> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp_micros());
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
            return Some(time.and_utc().timestamp_micros());
        }
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros())
}

/// Returns the values of a primitive array of `T`, sharing their memory.
fn shared<T: NativeType>(array: &dyn Array) -> PrimitiveArray<T> {
    let array = array.as_any().downcast_ref::<PrimitiveArray<T>>();
    let empty = || PrimitiveArray::new_empty(T::PRIMITIVE.into());
    array.map_or_else(empty, |array| {
        let (values, known) = (array.values().clone(), array.validity().cloned());
        PrimitiveArray::new(T::PRIMITIVE.into(), values, known)
    })
}

/// Hands every value that is not null to `found`, with its row.
pub fn each_known(array: &PrimitiveArray<i64>, mut found: impl FnMut(usize, i64)) {
    let Some(known) = array.validity() else {
        return array
            .values_iter()
            .enumerate()
            .for_each(|(row, value)| found(row, *value));
    };
    let words = known.chunks::<u64>();
    let rest = words.remainder();
    for (start, word) in (0..).step_by(64).zip(words.chain([rest])) {
        ones(word).for_each(|bit| found(start + bit, array.value(start + bit)));
    }
}

/// Maps every value of a primitive array of `T`, nulls of it aside.
fn each<T: NativeType, U: NativeType>(
    array: &dyn Array,
    map: impl Fn(T) -> Option<U>,
) -> PrimitiveArray<U> {
    let array = array.as_any().downcast_ref::<PrimitiveArray<T>>();
    let values = array.into_iter().flatten();
    values.map(|value| map(*value?)).collect()
}

/// Maps every value of a text array.
fn parsed<T: NativeType>(
    array: &dyn Array,
    parse: impl Fn(&str) -> Option<T>,
) -> PrimitiveArray<T> {
    let texts = texts(array);
    let parse = |text: &[u8]| parse(str::from_utf8(text).ok()?.trim());
    texts.iter().map(|text| parse(text?)).collect()
}

#[cfg(test)]
mod tests {
    use polars_arrow::array::{StaticArray, Utf8ViewArray};

    use super::*;

    fn text(value: &str) -> BinaryViewArray {
        BinaryViewArray::from_slice_values([value.as_bytes()])
    }

    #[test]
    fn times_of_every_unit_and_text_agree() {
        let micros = 1_709_133_864_000_000_i64; // 2024-02-28T15:24:24Z
        let of = |value: i64, unit| {
            PrimitiveArray::from_vec(vec![value])
                .to(ArrowDataType::Timestamp(unit, None))
                .boxed()
        };
        let columns = [
            of(micros / 1_000_000, ArrowTimeUnit::Second),
            of(micros / 1_000, ArrowTimeUnit::Millisecond),
            of(micros, ArrowTimeUnit::Microsecond),
            of(micros * 1_000, ArrowTimeUnit::Nanosecond),
            text("2024-02-28T15:24:24.000Z").boxed(),
            text("2024-02-28T16:24:24+01:00").boxed(),
            text(" 2024-02-28 15:24:24").boxed(),
        ];
        for column in columns {
            assert_eq!(times(&*column).get(0), Some(micros), "{column:?}");
        }
        let day = PrimitiveArray::from_vec(vec![19_781_i32]).to(ArrowDataType::Date32);
        assert_eq!(times(&day).get(0), times(&text("2024-02-28")).get(0));
        assert_eq!(times(&text("yesterday")).get(0), None);
    }

    #[test]
    fn counts_of_every_type() {
        let decimal = PrimitiveArray::from_vec(vec![1_250_i128]).to(ArrowDataType::Decimal(9, 2));
        let columns: [Box<dyn Array>; 9] = [
            PrimitiveArray::from_vec(vec![12_u8]).boxed(),
            PrimitiveArray::from_vec(vec![12_u16]).boxed(),
            PrimitiveArray::from_vec(vec![12_u32]).boxed(),
            PrimitiveArray::from_vec(vec![12_u64]).boxed(),
            PrimitiveArray::from_vec(vec![12_i32]).boxed(),
            PrimitiveArray::from_vec(vec![12_i64]).boxed(),
            PrimitiveArray::from_vec(vec![12.0_f64]).boxed(),
            decimal.boxed(),
            text("12").boxed(),
        ];
        for column in columns {
            assert_eq!(counts(&*column).get(0), Some(12), "{column:?}");
        }
        let mixed = PrimitiveArray::from(vec![Some(3_i64), None, Some(-1), Some(0)]);
        let known: Vec<_> = counts(&mixed).iter().map(|n| n.copied()).collect();
        assert_eq!(known, [Some(3), None, None, Some(0)]);
        assert_eq!(
            counts(&PrimitiveArray::from_vec(vec![u64::MAX])).get(0),
            None
        );
        assert_eq!(counts(&text("many")).get(0), None);
    }

    #[test]
    fn not_a_number_is_unknown() {
        let values = PrimitiveArray::from_vec(vec![f64::NAN, 1.5, f64::INFINITY]);
        let known: Vec<_> = scores(&values).iter().map(|n| n.copied()).collect();
        assert_eq!(known, [None, Some(1.5), Some(f64::INFINITY)]);
        assert_eq!(scores(&text("NaN")).get(0), None);
    }

    #[test]
    fn numbers_are_written_out_where_text_is_wanted() {
        let numbers = PrimitiveArray::from(vec![Some(7_i32), None]);
        let texts = texts(&numbers);
        assert_eq!(texts.get(0), Some(&b"7"[..]));
        assert_eq!(texts.get(1), None);
        assert!(!is_text(
            Utf8ViewArray::new_null(ArrowDataType::Null, 0).dtype()
        ));
    }
}
