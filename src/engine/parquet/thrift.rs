//! Thrift's compact protocol, as far as parquet uses it: hands over the numbers of a struct, and
//! allocates nothing for what it claims.
//!
//! Format: <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>.

/// Structs and lists within each other; no footer and no page header has more.
const DEPTH: usize = 16;

/// The field ids that lead to a number, from the outermost struct on; lists add none.
pub type Path<'p> = &'p [i64];

/// Gets each number with its path, and `None` with the path of each struct that has ended.
pub type Note<'n> = &'n mut dyn FnMut(Path, Option<i64>);

/// Reads the struct that these bytes begin with, and removes it from them; `None` where they end
/// early or are no such struct.
pub fn read(bytes: &mut &[u8], note: Note) -> Option<()> {
    let mut thrift = Thrift {
        bytes,
        path: [0; DEPTH],
        note,
    };
    thrift.record(0, 0)
}

struct Thrift<'a, 'b, 'n> {
    bytes: &'a mut &'b [u8],
    path: [i64; DEPTH],
    note: Note<'n>,
}

impl Thrift<'_, '_, '_> {
    /// Reads a struct within `fields` others, and `depth` structs and lists.
    fn record(&mut self, fields: usize, depth: usize) -> Option<()> {
        let mut id: i64 = 0;
        if depth == DEPTH {
            return None;
        }
        loop {
            let head = self.byte()?;
            if head == 0 {
                (self.note)(&self.path[..fields], None);
                return Some(());
            }
            id = match head >> 4 {
                0 => self.number()?,
                step => id.checked_add(i64::from(step))?,
            };
            self.path[fields] = id;
            match head & 0xF {
                // True and false have no bytes of their own.
                1 | 2 => {}
                kind => self.value(kind, fields + 1, depth + 1)?,
            }
        }
    }

    /// Reads a value at a path of this many fields.
    fn value(&mut self, kind: u8, fields: usize, depth: usize) -> Option<()> {
        match kind {
            1..=3 => self.skip(1),
            4..=6 => {
                let value = self.number()?;
                (self.note)(&self.path[..fields], Some(value));
                Some(())
            }
            7 => self.skip(8),
            8 => {
                let length = usize::try_from(self.varint()?).ok()?;
                self.skip(length)
            }
            9 | 10 if depth < DEPTH => {
                let head = self.byte()?;
                let count = match head >> 4 {
                    15 => self.varint()?,
                    few => few.into(),
                };
                // Each has a byte at least, so that this ends with the bytes.
                (0..count).try_for_each(|_| self.value(head & 0xF, fields, depth + 1))
            }
            12 => self.record(fields, depth),
            _ => None,
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        *self.bytes = rest;
        Some(*first)
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        *self.bytes = self.bytes.get(count..)?;
        Some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    /// Reads a zigzag-encoded integer.
    fn number(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(mut bytes: &[u8]) -> Option<Vec<(Vec<i64>, Option<i64>)>> {
        let mut noted = Vec::new();
        read(&mut bytes, &mut |path, value| {
            noted.push((path.to_vec(), value));
        })?;
        assert!(bytes.is_empty());
        Some(noted)
    }

    #[test]
    fn numbers_have_their_paths() {
        // 1: i32 -1, 3: list of two structs with 2: i64 5, 4: true, 5: binary of one byte.
        let bytes = [
            0x15, 1, 0x29, 0x2C, 0x26, 10, 0, 0x26, 10, 0, 0x11, 0x18, 1, 0xFF, 0,
        ];
        let wanted = [
            (vec![1], Some(-1)),
            (vec![3, 2], Some(5)),
            (vec![3], None),
            (vec![3, 2], Some(5)),
            (vec![3], None),
            (vec![], None),
        ];
        assert_eq!(noted(&bytes).unwrap(), wanted);
        for end in 0..bytes.len() {
            assert_eq!(noted(&bytes[..end]), None, "{end}");
        }
    }

    #[test]
    fn claims_and_depth_end_with_the_bytes() {
        // A list of 2^62 numbers, a text of as many bytes, structs and lists without end.
        let huge = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40];
        assert_eq!(noted(&[&[0x19, 0xF5][..], &huge].concat()), None);
        assert_eq!(noted(&[&[0x18][..], &huge].concat()), None);
        assert_eq!(noted(&[0x1C; 100_000]), None);
        let mut lists = [0x19; 100_000];
        lists[0] = 0x19;
        assert_eq!(noted(&lists), None);
    }
}
