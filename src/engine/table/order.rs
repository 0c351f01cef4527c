//! Orders of models: by any field, descending or ascending, and by further fields where that is
//! equal.

use std::cmp::Ordering;
use std::fmt;

use crate::engine::table::field::{FIELDS, Field, FieldInfo, Kind};

/// The maximum number of fields of an order.
const KEYS: usize = 4;

/// The order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    pub field: Field,
    /// True if the smallest come first (or A to Z) instead of the largest.
    pub ascending: bool,
    /// The fields that decide where the first is equal, each with its direction.
    then: [Option<(Field, bool)>; KEYS - 1],
}

impl Default for Order {
    fn default() -> Order {
        Order::by(Field::Downloads, false)
    }
}

/// Other names of fields to sort by.
const ALIASES: [(&str, &str); 4] = [
    ("age", "created"),
    ("downloads_all", "all"),
    ("family", "family_downloads"),
    ("size", "params"),
];

impl Order {
    /// Returns the fields to sort by: all but words, which have no natural order.
    pub fn fields() -> impl Iterator<Item = &'static FieldInfo> {
        FIELDS.iter().filter(|i| i.kind != Kind::Word)
    }

    /// Returns the order by one field.
    pub const fn by(field: Field, ascending: bool) -> Order {
        Order {
            field,
            ascending,
            then: [None; KEYS - 1],
        }
    }

    /// Returns the orders by each of its fields alone, the first one first.
    pub fn keys(self) -> impl Iterator<Item = Order> {
        let then = self.then.into_iter().flatten();
        let first = (self.field, self.ascending);
        [first]
            .into_iter()
            .chain(then)
            .map(|(f, up)| Order::by(f, up))
    }

    /// Returns true if one of its fields compares with an older snapshot.
    pub fn is_compared(self) -> bool {
        self.keys().any(|key| key.field.is_compared())
    }

    /// Returns the order where the first field is equal; `None` where nothing else decides.
    pub fn further(self) -> Option<Order> {
        let (field, ascending) = self.then[0]?;
        let mut then = self.then;
        then.rotate_left(1);
        then[KEYS - 2] = None;
        Some(Order {
            field,
            ascending,
            then,
        })
    }

    /// Returns the order with a further field; `None` where there are four, or where the field
    /// decides already.
    pub fn then(self, key: Order) -> Option<Order> {
        let free = self.then.iter().position(Option::is_none)?;
        let mut order = self;
        order.then[free] = Some((key.field, key.ascending));
        self.keys()
            .all(|own| own.field != key.field)
            .then_some(order)
    }

    /// Returns the order in which the last come first, but for unknown values.
    pub fn reversed(self) -> Order {
        Order {
            ascending: !self.ascending,
            then: self.then.map(|key| key.map(|(field, up)| (field, !up))),
            ..self
        }
    }

    /// Returns the order with one of its fields turned round.
    pub fn turned(self, field: Field) -> Order {
        let turn = |key: (Field, bool)| (key.0, key.1 != (key.0 == field));
        let (_, ascending) = turn((self.field, self.ascending));
        Order {
            ascending,
            then: self.then.map(|key| key.map(turn)),
            ..self
        }
    }

    /// Parses `likes` or `likes:asc`, or several such between commas, of which the first decides
    /// first; the largest come first by default, but ids go from A to Z.
    ///
    /// # Errors
    /// With the reason, for the user who typed it.
    pub fn parse(text: &str) -> Result<Order, String> {
        let mut keys = text.split(',').map(Order::parse_key);
        let first = keys.next().unwrap_or_else(|| Order::parse_key(text))?;
        keys.try_fold(first, |order, key| {
            let key = key?;
            let name = key.field.info().name;
            order.then(key).ok_or_else(|| {
                format!("`{name}` is one field too many; an order has up to {KEYS} different ones")
            })
        })
    }

    fn parse_key(text: &str) -> Result<Order, String> {
        let (name, direction) = text.split_once(':').unwrap_or((text, ""));
        let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
        let name = alias.map_or(name, |(_, name)| *name);
        let is = |info: &&FieldInfo| info.name == name || info.key == name;
        let Some(info) = Order::fields().find(is) else {
            let names: Vec<&str> = Order::fields().map(|i| i.name).collect();
            return Err(format!(
                "unknown field `{name}` to sort by; one of {}",
                names.join(", ")
            ));
        };
        let ascending = match direction {
            "" => info.field == Field::Id,
            "asc" => true,
            "desc" => false,
            other => return Err(format!("`{other}` is neither `asc` nor `desc`")),
        };
        Ok(Order::by(info.field, ascending))
    }

    /// Returns the comparison of values of the first field in its direction, unknown ones last in
    /// both.
    pub fn comparing<K>(
        self,
        compare: impl Fn(&K, &K) -> Ordering,
    ) -> impl Fn(&Option<K>, &Option<K>) -> Ordering {
        move |a, b| match (a, b) {
            (Some(a), Some(b)) if self.ascending => compare(a, b),
            (Some(a), Some(b)) => compare(b, a),
            (a, b) => b.is_some().cmp(&a.is_some()),
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, key) in self.keys().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            let direction = match (key.field == Field::Id, key.ascending) {
                (false, true) => ":asc",
                (true, false) => ":desc",
                _ => "",
            };
            write!(f, "{comma}{}{direction}", key.field.info().name)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_of_several_fields_are_read_and_written() {
        let order = Order::parse("likes,downloads:asc,id").unwrap();
        assert_eq!(order.to_string(), "likes,downloads:asc,id");
        let keys: Vec<(Field, bool)> = order.keys().map(|k| (k.field, k.ascending)).collect();
        let wanted = [
            (Field::Likes, false),
            (Field::Downloads, true),
            (Field::Id, true),
        ];
        assert_eq!(keys, wanted);
        assert_eq!(order.further().unwrap().to_string(), "downloads:asc,id");
        assert_eq!(Order::by(Field::Likes, true).further(), None);
        for wrong in [
            "",
            ",",
            "likes,",
            "likes,likes:asc",
            "likes,x",
            "likes:up,id",
        ] {
            assert!(Order::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Order::parse("likes,downloads,params,all,created").is_err());
    }
}
