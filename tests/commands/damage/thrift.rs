//! Thrift's compact protocol as trees that can be edited: the footer and the page headers of parquet.

/// A value of any type.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    Bool(bool),
    Byte(u8),
    /// The type of an integer (4 to 6 for 16 to 64 bits), and its value.
    Number(u8, i64),
    Double([u8; 8]),
    Text(Vec<u8>),
    /// The type of the elements, and how many more than there are it claims.
    List(u8, Vec<Tree>, u64),
    Record(Vec<(i64, Tree)>),
}

impl Tree {
    /// Reads the struct at a place; returns it with its end.
    pub fn record(bytes: &[u8], start: usize) -> (Tree, usize) {
        let mut at = start;
        let tree = read(bytes, &mut at, 12, false);
        (tree, at)
    }

    /// A member of a struct.
    pub fn get(&self, id: i64) -> Option<&Tree> {
        let Tree::Record(members) = self else {
            return None;
        };
        members
            .iter()
            .find(|(own, _)| *own == id)
            .map(|(_, tree)| tree)
    }

    pub fn get_mut(&mut self, id: i64) -> Option<&mut Tree> {
        let Tree::Record(members) = self else {
            return None;
        };
        let member = members.iter_mut().find(|(own, _)| *own == id);
        member.map(|(_, tree)| tree)
    }

    /// The number of a member of a struct.
    pub fn number(&self, id: i64) -> Option<i64> {
        match self.get(id)? {
            Tree::Number(_, value) => Some(*value),
            _ => None,
        }
    }

    pub fn number_mut(&mut self, id: i64) -> Option<&mut i64> {
        match self.get_mut(id)? {
            Tree::Number(_, value) => Some(value),
            _ => None,
        }
    }

    /// The elements of a list that is a member of a struct.
    pub fn list_mut(&mut self, id: i64) -> &mut Vec<Tree> {
        match self.get_mut(id) {
            Some(Tree::List(_, elements, _)) => elements,
            other => panic!("no list: {other:?}"),
        }
    }

    /// Every number in it, with the ids of the members that lead to it.
    pub fn numbers(&mut self) -> Vec<(Vec<i64>, &mut i64)> {
        let mut found = Vec::new();
        self.each(&mut Vec::new(), &mut |path, tree| {
            if let Tree::Number(_, value) = tree {
                found.push((path.to_vec(), value));
            }
        });
        found
    }

    /// What the list that is a member of a struct claims beyond its elements.
    pub fn claim_mut(&mut self, id: i64) -> &mut u64 {
        match self.get_mut(id) {
            Some(Tree::List(_, _, more)) => more,
            other => panic!("no list: {other:?}"),
        }
    }

    fn each<'t>(&'t mut self, path: &mut Vec<i64>, found: &mut dyn FnMut(&[i64], &'t mut Tree)) {
        match self {
            Tree::Record(members) => {
                for (id, tree) in members {
                    path.push(*id);
                    tree.each(path, found);
                    path.pop();
                }
            }
            Tree::List(12, elements, _) => {
                elements.iter_mut().for_each(|tree| tree.each(path, found));
            }
            other => found(path, other),
        }
    }

    /// The bytes that [`Tree::record`] reads it from.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes, false);
        bytes
    }

    fn kind(&self) -> u8 {
        match self {
            Tree::Bool(value) => 2 - u8::from(*value),
            Tree::Byte(_) => 3,
            Tree::Number(kind, _) => *kind,
            Tree::Double(_) => 7,
            Tree::Text(_) => 8,
            Tree::List(..) => 9,
            Tree::Record(_) => 12,
        }
    }

    fn write(&self, to: &mut Vec<u8>, in_list: bool) {
        match self {
            Tree::Bool(_) if in_list => to.push(self.kind()),
            Tree::Bool(_) => {}
            Tree::Byte(value) => to.push(*value),
            Tree::Number(_, value) => zigzag(to, *value),
            Tree::Double(value) => to.extend(value),
            Tree::Text(text) => {
                varint(to, text.len() as u64);
                to.extend(text);
            }
            Tree::List(kind, elements, more) => {
                match elements.len() as u64 + more {
                    few @ 0..15 => to.push((few as u8) << 4 | kind),
                    many => {
                        to.push(0xF0 | kind);
                        varint(to, many);
                    }
                }
                elements.iter().for_each(|element| element.write(to, true));
            }
            Tree::Record(members) => {
                let mut last = 0;
                for (id, tree) in members {
                    match id - last {
                        step @ 1..16 => to.push((step as u8) << 4 | tree.kind()),
                        _ => {
                            to.push(tree.kind());
                            zigzag(to, *id);
                        }
                    }
                    tree.write(to, false);
                    last = *id;
                }
                to.push(0);
            }
        }
    }
}

fn read(bytes: &[u8], at: &mut usize, kind: u8, in_list: bool) -> Tree {
    let take = |at: &mut usize, count: usize| {
        *at += count;
        bytes[*at - count..*at].to_vec()
    };
    match kind {
        1 | 2 if in_list => Tree::Bool(take(at, 1) == [1]),
        1 | 2 => Tree::Bool(kind == 1),
        3 => Tree::Byte(take(at, 1)[0]),
        4..=6 => {
            let value = unsigned(bytes, at);
            Tree::Number(
                kind,
                (value >> 1).cast_signed() ^ -(value & 1).cast_signed(),
            )
        }
        7 => Tree::Double(take(at, 8).try_into().unwrap()),
        8 => {
            let length = unsigned(bytes, at) as usize;
            Tree::Text(take(at, length))
        }
        9 => {
            let head = take(at, 1)[0];
            let count = match head >> 4 {
                15 => unsigned(bytes, at),
                few => few.into(),
            };
            let elements = (0..count).map(|_| read(bytes, at, head & 0xF, true));
            Tree::List(head & 0xF, elements.collect(), 0)
        }
        12 => {
            let (mut members, mut id) = (Vec::new(), 0);
            loop {
                let head = take(at, 1)[0];
                if head == 0 {
                    return Tree::Record(members);
                }
                id = match head >> 4 {
                    0 => {
                        let value = unsigned(bytes, at);
                        (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
                    }
                    step => id + i64::from(step),
                };
                members.push((id, read(bytes, at, head & 0xF, false)));
            }
        }
        other => panic!("type {other}"),
    }
}

fn unsigned(bytes: &[u8], at: &mut usize) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let byte = bytes[*at];
        *at += 1;
        value |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            break;
        }
    }
    value
}

fn varint(to: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

fn zigzag(to: &mut Vec<u8>, value: i64) {
    varint(to, ((value << 1) ^ (value >> 63)).cast_unsigned());
}
