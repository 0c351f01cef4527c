//! Whether a parameter count can be right. The count is what headers of weight files add up to, and
//! that is not always the model's size: packed weights count once for several, a file may lack most
//! of the model, a header may be debris.

use super::graph::{Graph, Node};
use crate::engine::data::field::Field;
use crate::engine::data::models::{ModelId, Models};
use crate::engine::data::size::{self, Name, Size};

/// No model had so many by 2026: the largest open ones have one or two trillion.
const MOST: i64 = 10_000_000_000_000;
/// A count this many times another, or more, is not that of the same model; a name may be rounded, or
/// leave out what sees and hears: the most on 1,700 real rows was 1.8.
const ABOVE: f64 = 2.0;
/// Below this part of another it is not either: layers that were cut out leave 0.6 and more, and
/// experts that share layers 0.78.
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
}

/// Why the parameter count of a model is suspect; `None` where it is not, or is not known.
///
/// The name and the base are asked. The size in the name must be at least half of the count and less
/// than twice as much, or 3/4 of it where weights may be packed; one of several sizes will do, and a
/// mixture of experts may have more. The count of the only base must be as near if the model is a
/// finetune or quantized and not a mixture; of an adapter, which has any part of its base, only the
/// upper bound holds, for both; of a merge its bases say nothing. A base whose own count
/// contradicts its name, or that may be packed, is not asked. A size in the name that fits clears the
/// model whatever its base has, and so does a base that fits where the size in the name does not.
pub fn doubt<'m>(models: &'m Models, graph: &Graph, model: ModelId) -> Option<Doubt<'m>> {
    let params = models.number(Field::Params, model)?;
    if !(1..MOST).contains(&params) {
        return Some(Doubt::Absurd);
    }
    let name = size::name(models.id(model));
    let fits = Fits::of(models, model, &name);
    let named = contradicted(&name.sizes, params, &fits);
    if named == Some(None) {
        return None;
    }
    let base = base(models, graph, model);
    let apart = base.filter(|(_, of_base)| !fits.base(params, *of_base));
    match (named.flatten(), base, apart) {
        (_, _, Some((base, of_base))) => Some(Doubt::Base(base, of_base)),
        (Some(size), None, _) => Some(Doubt::Name(size.word)),
        _ => None,
    }
}

/// The part of another count that a count must be.
struct Fits {
    least: f64,
    experts: bool,
}

impl Fits {
    fn of(models: &Models, model: ModelId, name: &Name) -> Fits {
        let least = match is_part(models, model, name) {
            true => 0.0,
            false if may_be_packed(models, model) => BELOW_PACKED,
            false => BELOW,
        };
        Fits {
            least,
            experts: name.experts,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "compared roughly")]
    fn size(&self, params: i64, size: &Size) -> bool {
        let part = params as f64 / size.params;
        match size.doubtful {
            true => NEAR.contains(&part),
            false => self.holds(part),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "compared roughly")]
    fn base(&self, params: i64, other: i64) -> bool {
        self.holds(params as f64 / other as f64)
    }

    fn holds(&self, part: f64) -> bool {
        self.least <= part && (part < ABOVE || self.experts)
    }
}

/// Whether a name's sizes are all contradicted, and the first of them; `None` where there is none,
/// `Some(None)` where one fits.
fn contradicted<'n>(sizes: &[Size<'n>], params: i64, fits: &Fits) -> Option<Option<Size<'n>>> {
    let first = sizes.first()?;
    let any = sizes.iter().any(|size| fits.size(params, size));
    Some((!any).then_some(*first))
}

/// Whether it is only a part of a model: an adapter, as it says or as its name, library or relation
/// does.
fn is_part(models: &Models, model: ModelId, name: &Name) -> bool {
    name.part
        || models.word(Field::Relation, model) == Some("adapter")
        || models.word(Field::Library, model) == Some("peft")
}

/// Whether several weights may be in one value.
fn may_be_packed(models: &Models, model: ModelId) -> bool {
    models.word(Field::Relation, model) == Some("quantized")
}

/// The only base of a model that has its size, and the base's count, where that can be trusted.
fn base(models: &Models, graph: &Graph, model: ModelId) -> Option<(ModelId, i64)> {
    let how = models.word(Field::Relation, model)?;
    if !["finetune", "quantized", "adapter"].contains(&how) {
        return None;
    }
    let mut others = graph.others(Node::from(model));
    let base = graph.model(others.next()?)?;
    if others.next().is_some() || may_be_packed(models, base) {
        return None;
    }
    let params = models.number(Field::Params, base)?;
    let name = size::name(models.id(base));
    let fits = Fits::of(models, base, &name);
    let is_sound = !matches!(contradicted(&name.sizes, params, &fits), Some(Some(_)));
    ((1..MOST).contains(&params) && is_sound).then_some((base, params))
}
