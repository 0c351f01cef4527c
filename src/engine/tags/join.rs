//! The tags of stretches of rows joined to those of all. Nearly every tag is in one stretch only, and of
//! hardly any model: the others are found first, then all is put in its place, on all cores.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::engine::cache::archive::Buffer;
use crate::engine::table::bitset::ModelSet;
use crate::engine::tags::part::SHARES;
use crate::engine::tags::rare::{Rare, RarePart};
use crate::engine::tags::{PartTags, RARE, Tag, Tags};

impl Tags {
    /// Joins stretches of rows, in their order.
    pub fn of(rows: usize, parts: &[PartTags]) -> Tags {
        let common = Common::among(parts);
        let rare = parts.par_iter().enumerate();
        let rare: Vec<_> = rare.map(|(at, part)| common.others(at, part)).collect();
        // Each on its own: some have more rows than all others of their neighbourhood.
        let lists = common.tags.par_iter().with_max_len(1);
        let lists: Vec<_> = lists.map(|(_, same)| List::of(rows, parts, same)).collect();
        let (lists, rare) = rayon::join(|| Lists::of(lists), || Rare::joined(rare));
        let mut tagged = ModelSet::none(rows);
        parts.iter().for_each(|part| part.add_tagged(&mut tagged));
        Tags {
            rows,
            names: common.tags.iter().map(|(name, _)| name.as_str()).collect(),
            steps: lists.steps.into(),
            step_ends: lists.ends.into(),
            wide: lists.wide,
            rare,
            tagged,
            pages: Buffer::new(),
        }
    }
}

/// The rows of a tag that is not rare.
enum List {
    Steps(Vec<u8>),
    /// A bit a model, where it is a good part of all.
    Wide(ModelSet),
}

impl List {
    /// Of a tag with these places, of so many models.
    fn of(models: usize, parts: &[PartTags], same: &[Place]) -> List {
        let count: usize = same.iter().map(|place| place.count(parts)).sum();
        if count > models / 8 {
            let mut set = ModelSet::none(models);
            for place in same {
                parts[place.part as usize].add_rows(place.code, &mut set);
            }
            return List::Wide(set);
        }
        let size = |place: &Place| parts[place.part as usize].size(place.code);
        let (mut steps, mut last) = (Vec::with_capacity(same.iter().map(size).sum()), 0);
        for place in same {
            parts[place.part as usize].append_rows(place.code, &mut steps, &mut last);
        }
        List::Steps(steps)
    }
}

/// The rows of all tags that are not rare.
#[derive(Default)]
struct Lists {
    steps: Vec<u8>,
    ends: Vec<u32>,
    wide: Vec<(Tag, ModelSet)>,
}

impl Lists {
    /// Those of each tag, in order.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "tags are fewer, and shorter, than 4 billion bytes of them"
    )]
    fn of(lists: Vec<List>) -> Lists {
        let mut all = Lists::default();
        let bytes = lists.iter().map(|list| match list {
            List::Steps(steps) => steps.len(),
            List::Wide(_) => 0,
        });
        all.steps.reserve_exact(bytes.sum());
        for list in lists {
            match list {
                List::Steps(steps) => all.steps.extend(steps),
                List::Wide(set) => all.wide.push((Tag(all.ends.len() as u32), set)),
            }
            all.ends.push(all.steps.len() as u32);
        }
        all
    }
}

/// So many groups of hashes are counted in each share: several times what there is of a usual hub.
const COUNTED: usize = 1 << 17;

/// A tag in a stretch of rows: which stretch, and its code there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    part: u32,
    code: u32,
}

impl Place {
    fn count(self, parts: &[PartTags]) -> usize {
        parts[self.part as usize].count(self.code)
    }
}

/// The tags that are not rare.
struct Common {
    /// Each with its places, in the order of the stretches; by the lower case of their names and then
    /// by themselves.
    tags: Vec<(String, Vec<Place>)>,
    /// All places, in order.
    places: Vec<Place>,
}

impl Common {
    /// Nearly every tag is in one stretch only, and of hardly any model. To find the others, the
    /// hashes are parted, so that each share of them is looked through at once.
    fn among(parts: &[PartTags]) -> Common {
        let shares = (0..SHARES).into_par_iter().map(|share| {
            let mut all = Common::candidates(parts, share);
            all.sort_unstable();
            let mut tags = Vec::new();
            for same in all.chunk_by(|a, b| a.0 == b.0) {
                let few = |place: &Place| parts[place.part as usize].count_few(place.code);
                let counts = same.iter().map(|(_, place)| usize::from(few(place)));
                if counts.sum::<usize>() > RARE {
                    tags.extend(Common::name_apart(parts, same));
                }
            }
            tags
        });
        let mut tags: Vec<(String, Vec<Place>)> = shares.flatten().collect();
        tags.par_sort_by_cached_key(|(name, _)| (name.to_lowercase(), name.clone()));
        let places = tags.iter().flat_map(|(_, places)| places);
        let mut places: Vec<Place> = places.copied().collect();
        places.par_sort_unstable();
        Common { tags, places }
    }

    /// The places of a share of the hashes, without most of those that are rare: all hashes that agree
    /// in some bits are counted together first.
    fn candidates(parts: &[PartTags], share: u32) -> Vec<(u64, Place)> {
        let place = |hash: u64| (hash >> 41) as usize % COUNTED;
        let mut counts = vec![0_u8; COUNTED];
        for tags in parts {
            for &code in tags.share(share) {
                let count = &mut counts[place(tags.hashes()[code as usize])];
                *count = count.saturating_add(tags.count_few(code));
            }
        }
        let mut all = Vec::new();
        for (part, tags) in (0..).zip(parts) {
            let own = tags.share(share).iter();
            let own = own.map(|&code| (tags.hashes()[code as usize], Place { part, code }));
            all.extend(own.filter(|(hash, _)| usize::from(counts[place(*hash)]) > RARE));
        }
        all
    }

    /// Names that differ in case alone have one hash, and are tags of their own. The one that may not have
    /// been kept is in lower case.
    fn name_apart(parts: &[PartTags], same: &[(u64, Place)]) -> BTreeMap<String, Vec<Place>> {
        let name = |place: &Place| parts[place.part as usize].name(place.code);
        let kept = same.iter().find_map(|(_, place)| name(place));
        let lower = kept.unwrap_or_default().to_lowercase();
        let mut apart: BTreeMap<String, Vec<Place>> = BTreeMap::new();
        for (_, place) in same {
            let name = name(place).unwrap_or(&lower);
            apart.entry(name.to_owned()).or_default().push(*place);
        }
        apart
    }

    /// The rows of all other tags of a stretch.
    fn others(&self, at: usize, part: &PartTags) -> RarePart {
        let before = |at: usize| {
            self.places
                .partition_point(|place| (place.part as usize) < at)
        };
        let mut is_common = vec![false; part.hashes().len()];
        for place in &self.places[before(at)..before(at + 1)] {
            is_common[place.code as usize] = true;
        }
        let others = part.rare().filter(|(code, _)| !is_common[*code as usize]);
        let mut rare = RarePart::with_capacity(part.count_rare());
        others.for_each(|(code, row)| rare.push(row, part.hashes()[code as usize]));
        rare
    }
}
