//! Whether a parameter count can be right. The count is what headers of weight files add up to, and
//! that is not always the model's size: packed weights count once for several, a file may lack most
//! of the model, a header may be debris.

use super::graph::Graph;
use crate::engine::lineage::stated_size;
use crate::engine::lineage::stated_size::Size;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::dtype;
use crate::engine::table::field::Field;
use crate::engine::table::models::{ModelId, Models, models_of};

/// No model had so many by 2026: the largest open ones have one or two trillion.
const MOST: i64 = 10_000_000_000_000;
/// A count this many times another, or more, is not that of the same model. A name may be rounded, or
/// leave out what sees and hears: of 1,705 real rows whose names state a size, those looked at and
/// found right went up to 1.8.
const ABOVE: f64 = 2.0;
/// Below this part of another it is not either: in those rows layers that were cut out leave 0.6 and
/// more, and experts that share layers 0.78.
const BELOW: f64 = 0.5;
/// The same where weights may be packed: two of four bits in a byte, with all else in 16 bits, make
/// 0.6.
const BELOW_PACKED: f64 = 0.75;
/// A doubtful reading of a name only counts where a count is this near to it.
const NEAR: std::ops::Range<f64> = 0.9..1.1;

/// Why a count is not to be trusted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Doubt<'m> {
    /// No model has so many, or none.
    Absurd,
    /// The word of the name that states another size.
    Name(&'m str),
    /// The base, which has so many.
    Base(ModelId, i64),
    /// The tensor type of most of them, each value of which holds several weights.
    Packed(&'m str),
}

/// The models whose parameter count is suspect.
pub fn suspects(models: &Models, graph: &Graph) -> ModelSet {
    let Some(known) = models.known(Field::Params) else {
        return ModelSet::none(models.len());
    };
    let is_known = |m: ModelId| known.as_ref().is_none_or(|bits| bits.get_bit(m.row()));
    let all = |is_one: &(dyn Fn(ModelId) -> bool + Sync)| {
        ModelSet::by_chunk(models.len(), |rows, add| {
            let found = models_of(rows).filter(|model| is_known(*model) && is_one(*model));
            found.for_each(|model| add(model.row()));
        })
    };
    // Each is the base of several.
    let sound = all(&|model| graph.has_children(model.into()) && is_sound(models, model));
    all(&|model| judged(models, graph, model, |base| sound.has(base)).is_some())
}

/// Why the parameter count of a model is suspect; `None` where it is not, or is not known.
///
/// The count must be at least half of the size that the name states, or 3/4 where weights may be
/// packed, and less than twice as much; a mixture of experts may have more, an adapter any part, and
/// of several sizes one will do. Where no size fits, the count is held against that of the only base
/// in the same way, if the model is a finetune of it, quantized or an adapter; what a merge has
/// depends on how it was merged. A base that may be packed, or whose own count contradicts its name,
/// is not asked. So a name that fits clears a model whatever its base has, and a base that fits
/// whatever its name says. Where there is neither, a tensor type that packs is enough.
pub fn doubt<'m>(models: &'m Models, graph: &Graph, model: ModelId) -> Option<Doubt<'m>> {
    judged(models, graph, model, |base| is_sound(models, base))
}

/// The same, told of which base the count can be trusted.
fn judged<'m>(
    models: &'m Models,
    graph: &Graph,
    model: ModelId,
    is_sound: impl Fn(ModelId) -> bool,
) -> Option<Doubt<'m>> {
    let params = models.number(Field::Params, model)?;
    if !(1..MOST).contains(&params) {
        return Some(Doubt::Absurd);
    }
    let sizes = sizes(models, model);
    // Most names fit whatever else is known, which takes longer to look up.
    if Bounds::STRICT.hold_any(params, &sizes) {
        return None;
    }
    let base = only_base(models, graph, model).filter(|base| is_sound(*base));
    let base = base.and_then(|base| Some((base, models.number(Field::Params, base)?)));
    // As above.
    if base.is_some_and(|(_, of_base)| Bounds::STRICT.hold(params, of_base)) {
        return None;
    }
    if sizes.is_empty() && base.is_none() {
        return packing(models, model).map(Doubt::Packed);
    }
    let bounds = Bounds::of(models, model);
    match (sizes.first(), base) {
        (Some(_), _) if bounds.hold_any(params, &sizes) => None,
        (_, Some((base, of_base))) => {
            (!bounds.hold(params, of_base)).then_some(Doubt::Base(base, of_base))
        }
        (size, None) => size.map(|size| Doubt::Name(size.word)),
    }
}

/// The sizes that a model's name states.
fn sizes(models: &Models, model: ModelId) -> Vec<Size<'_>> {
    let id = models.texts().get_bytes(model.row());
    id.map_or_else(Vec::new, stated_size::sizes)
}

/// The part of another count that a count must be, from the one to below the other.
struct Bounds(f64, f64);

impl Bounds {
    /// What satisfies these satisfies those of every model.
    const STRICT: Bounds = Bounds(BELOW_PACKED, ABOVE);

    fn of(models: &Models, model: ModelId) -> Bounds {
        let id = models.texts().get_bytes(model.row()).unwrap_or_default();
        let is_part = stated_size::is_part(id)
            || models.word(Field::Relation, model) == Some("adapter")
            || models.word(Field::Library, model) == Some("peft");
        let least = match is_part {
            true => 0.0,
            false if may_be_packed(models, model) => BELOW_PACKED,
            false => BELOW,
        };
        let most = if stated_size::has_experts(id) {
            f64::INFINITY
        } else {
            ABOVE
        };
        Bounds(least, most)
    }

    #[expect(clippy::cast_precision_loss, reason = "compared roughly")]
    fn hold(&self, params: i64, other: i64) -> bool {
        (self.0..self.1).contains(&(params as f64 / other as f64))
    }

    /// Whether any of the sizes fits.
    #[expect(clippy::cast_precision_loss, reason = "compared roughly")]
    fn hold_any(&self, params: i64, sizes: &[Size]) -> bool {
        sizes.iter().any(|size| {
            let part = params as f64 / size.params;
            match size.doubtful {
                true => NEAR.contains(&part),
                false => (self.0..self.1).contains(&part),
            }
        })
    }
}

/// Whether several weights may be in one value.
fn may_be_packed(models: &Models, model: ModelId) -> bool {
    models.word(Field::Relation, model) == Some("quantized") || packing(models, model).is_some()
}

/// The tensor type of most parameters, if it mostly holds several in a value.
fn packing(models: &Models, model: ModelId) -> Option<&str> {
    let most = models.word(Field::Dtype, model)?;
    dtype::named(most)
        .is_some_and(|dtype| dtype.packs)
        .then_some(most)
}

/// The only base of a model that has its size.
fn only_base(models: &Models, graph: &Graph, model: ModelId) -> Option<ModelId> {
    let base = graph.only_base(model)?;
    let how = models.word(Field::Relation, model)?;
    ["finetune", "quantized", "adapter"]
        .contains(&how)
        .then_some(base)
}

/// Whether the count of a base is known and can be trusted.
fn is_sound(models: &Models, base: ModelId) -> bool {
    let Some(params) = models.number(Field::Params, base) else {
        return false;
    };
    if !(1..MOST).contains(&params) || may_be_packed(models, base) {
        return false;
    }
    let sizes = sizes(models, base);
    sizes.is_empty() || Bounds::of(models, base).hold_any(params, &sizes)
}
