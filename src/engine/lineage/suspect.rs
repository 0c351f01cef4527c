//! Suspect parameter counts. A count is the sum of the headers of weight files, which is not always
//! the size of the model: several packed weights count once, a file may lack most of the model, a
//! header may be left over from something else.

use std::ops::Range;

use super::graph::Graph;
use super::stated_size::{self, StatedSize};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::dtype::{self, Dtype};
use crate::engine::table::field::Field;
use crate::engine::table::models::{ModelId, Models, models_of};

/// No model had as many parameters by 2026: the largest open ones have one or two trillion.
const ABSURD: i64 = 10_000_000_000_000;
/// A count of this many times another, or more, is that of another model. A name may be rounded or
/// leave out the parts that see and hear: of 1,705 real rows whose names state a size, those found
/// right were at most 1.8 times it.
const MAX_RATIO: f64 = 2.0;
/// A count below this part of another is that of another model: in those rows models with layers cut
/// out have 0.6 and more, mixtures whose experts share layers 0.78.
const MIN_RATIO: f64 = 0.5;
/// The same where weights are quantized, and may be packed in a way that their type does not show: two
/// of four bits in a byte, and all else in 16 bits, make 0.6.
const MIN_RATIO_QUANTIZED: f64 = 0.75;
/// A doubtful reading of a name counts only for a count this near to it.
const NEAR: Range<f64> = 0.9..1.1;

/// The reason why a count is suspect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SuspectReason<'m> {
    /// It is 0 or more than any model has.
    Absurd,
    /// The name states another size, with this word.
    Name(&'m str),
    /// The base has another count, this one.
    Base(ModelId, i64),
}

/// Returns the models whose parameter count is suspect.
pub fn suspects(models: &Models, graph: &Graph) -> ModelSet {
    let Some(known) = models.known(Field::Params) else {
        return ModelSet::none(models.len());
    };
    let is_known = |m: ModelId| known.as_ref().is_none_or(|bits| bits.get_bit(m.row()));
    let select = |is_wanted: &(dyn Fn(ModelId) -> bool + Sync)| {
        ModelSet::by_chunk(models.len(), |rows, add| {
            let found = models_of(rows).filter(|model| is_known(*model) && is_wanted(*model));
            found.for_each(|model| add(model.row()));
        })
    };
    // Most bases are the base of several models.
    let sound = select(&|model| graph.has_children(model.into()) && is_sound(models, model));
    select(&|model| reason(models, graph, model, |base| sound.has(base)).is_some())
}

/// Returns why the parameter count of a model is suspect; `None` where it is not, or is unknown.
///
/// The ratio of the count to the size that the name states must be at least 1/2, or 3/4 of a
/// quantization, and less than 2. A mixture of experts may have more, an adapter any part; where most
/// values are of a type that packs weights, the count may be that of the values or of the weights. Of
/// several sizes one is enough. Where none fits, the same holds for the ratio to the count of the only base, if
/// the model is a finetune, a quantization or an adapter of it; that of a merge depends on the method. A
/// base that may be packed, or whose name states another size, is not compared with. So a name that fits
/// clears a model whatever its base has, and a base that fits whatever its name states.
pub fn suspect_reason<'m>(
    models: &'m Models,
    graph: &Graph,
    model: ModelId,
) -> Option<SuspectReason<'m>> {
    reason(models, graph, model, |base| is_sound(models, base))
}

fn reason<'m>(
    models: &'m Models,
    graph: &Graph,
    model: ModelId,
    is_sound: impl Fn(ModelId) -> bool,
) -> Option<SuspectReason<'m>> {
    let params = models.number(Field::Params, model)?;
    if !(1..ABSURD).contains(&params) {
        return Some(SuspectReason::Absurd);
    }
    let sizes = sizes(models, model);
    // Nearly all counts are within the strictest bounds; those of a model take longer to find.
    if Bounds::STRICT.hold_any(params, &sizes) {
        return None;
    }
    let base = only_base(models, graph, model).filter(|base| is_sound(*base));
    let base = base.and_then(|base| Some((base, models.number(Field::Params, base)?)));
    if base.is_some_and(|(_, of_base)| Bounds::STRICT.hold(params, of_base)) {
        return None;
    }
    if sizes.is_empty() && base.is_none() {
        return None;
    }
    let bounds = Bounds::of(models, model);
    if bounds.hold_any(params, &sizes) {
        return None;
    }
    match base {
        Some((_, of_base)) if bounds.hold(params, of_base) => None,
        Some((base, of_base)) => Some(SuspectReason::Base(base, of_base)),
        None => sizes.first().map(|size| SuspectReason::Name(size.word)),
    }
}

/// Returns the sizes that a model's name states.
fn sizes(models: &Models, model: ModelId) -> Vec<StatedSize<'_>> {
    let id = models.texts().get_bytes(model.row());
    id.map_or_else(Vec::new, stated_size::sizes)
}

/// The bounds of a count's ratio to another.
struct Bounds(Range<f64>);

impl Bounds {
    /// The strictest bounds: a ratio within them is within those of every model.
    const STRICT: Bounds = Bounds(MIN_RATIO_QUANTIZED..MAX_RATIO);

    fn of(models: &Models, model: ModelId) -> Bounds {
        let id = models.texts().get_bytes(model.row()).unwrap_or_default();
        let is_part = stated_size::is_part(id)
            || models.word(Field::Relation, model) == Some("adapter")
            || models.word(Field::Library, model) == Some("peft");
        #[expect(clippy::cast_precision_loss, reason = "at most 8")]
        let min = match packing(models, model) {
            _ if is_part => 0.0,
            Some(dtype) => MIN_RATIO / dtype.weights_of_4_bits() as f64,
            None if may_be_packed(models, model) => MIN_RATIO_QUANTIZED,
            None => MIN_RATIO,
        };
        let has_experts = stated_size::has_experts(id);
        Bounds(
            min..if has_experts {
                f64::INFINITY
            } else {
                MAX_RATIO
            },
        )
    }

    #[expect(clippy::cast_precision_loss, reason = "compared roughly")]
    fn hold(&self, params: i64, other: i64) -> bool {
        self.0.contains(&(params as f64 / other as f64))
    }

    /// Returns whether any of the sizes fits.
    #[expect(clippy::cast_precision_loss, reason = "compared roughly")]
    fn hold_any(&self, params: i64, sizes: &[StatedSize]) -> bool {
        sizes.iter().any(|size| {
            let bounds = if size.doubtful { &NEAR } else { &self.0 };
            bounds.contains(&(params as f64 / size.params))
        })
    }
}

/// Returns whether a value may hold several weights.
fn may_be_packed(models: &Models, model: ModelId) -> bool {
    models.word(Field::Relation, model) == Some("quantized") || packing(models, model).is_some()
}

/// Returns the tensor type of most parameters, if its values hold several weights.
fn packing(models: &Models, model: ModelId) -> Option<&'static Dtype> {
    let dtype = dtype::named(models.word(Field::Dtype, model)?)?;
    dtype.packs.then_some(dtype)
}

/// Returns the only base of a model, if the model should have its size.
fn only_base(models: &Models, graph: &Graph, model: ModelId) -> Option<ModelId> {
    let base = graph.only_base(model)?;
    let relation = models.word(Field::Relation, model)?;
    matches!(relation, "finetune" | "quantized" | "adapter").then_some(base)
}

/// Returns whether the count of a base is known and other counts may be compared with it.
fn is_sound(models: &Models, base: ModelId) -> bool {
    let params = models.number(Field::Params, base);
    let Some(params) = params.filter(|params| (1..ABSURD).contains(params)) else {
        return false;
    };
    let sizes = sizes(models, base);
    !may_be_packed(models, base)
        && (sizes.is_empty() || Bounds::of(models, base).hold_any(params, &sizes))
}
