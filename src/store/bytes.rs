//! Keys that sort as their values do, and small records: how the store's own fields become bytes.
//!
//! In a key a text ends with a zero byte (names hold no control characters), integers are big-endian, and signed ones
//! have their sign flipped. In a record a text stands behind its length.

use chrono::{Datelike, NaiveDate};

const SIGN: u64 = 1 << 63;

/// Builds a key or a record.
#[derive(Debug, Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn done(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(super) fn number(self, number: u64) -> Self {
        self.raw(&number.to_be_bytes())
    }

    pub(super) fn instant(self, at: i64) -> Self {
        self.number(at.cast_unsigned() ^ SIGN)
    }

    /// Writes `None` behind every `Some`.
    pub(super) fn due(self, due: Option<i64>) -> Self {
        match due {
            Some(at) => self.raw(&[0]).instant(at),
            None => self.raw(&[1]).instant(0),
        }
    }

    /// Writes a text in a key.
    pub(super) fn name(self, name: &str) -> Self {
        self.raw(name.as_bytes()).raw(&[0])
    }

    /// Writes a text in a key, `None` before every `Some`.
    pub(super) fn optional_name(self, name: Option<&str>) -> Self {
        match name {
            None => self.raw(&[1]),
            Some(name) => self.raw(&[2]).name(name),
        }
    }

    /// Writes bytes in a record.
    pub(super) fn block(self, bytes: &[u8]) -> Self {
        self.number(bytes.len() as u64).raw(bytes)
    }

    /// Writes a list in a record.
    pub(super) fn list<T>(self, list: &[T], each: impl Fn(Self, &T) -> Self) -> Self {
        list.iter().fold(self.number(list.len() as u64), each)
    }

    pub(super) fn date(self, date: NaiveDate) -> Self {
        self.instant(i64::from(date.num_days_from_ce()))
    }
}

/// Reads what [`Writer`] wrote. Everything is `None` where the bytes do not fit.
#[derive(Debug)]
pub(super) struct Reader<'a>(&'a [u8]);

#[expect(clippy::option_option, reason = "the outer one says whether it could be read")]
impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    /// Returns `Some` if everything was read.
    pub(super) fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }

    pub(super) fn raw(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.raw(N)?.try_into().ok()
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    pub(super) fn instant(&mut self) -> Option<i64> {
        self.number().map(|number| (number ^ SIGN).cast_signed())
    }

    pub(super) fn due(&mut self) -> Option<Option<i64>> {
        let tag = self.array::<1>()?;
        let at = self.instant()?;
        match tag {
            [0] => Some(Some(at)),
            [1] => Some(None),
            _ => None,
        }
    }

    pub(super) fn name(&mut self) -> Option<String> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let name = self.raw(end)?;
        self.raw(1)?;
        String::from_utf8(name.to_vec()).ok()
    }

    pub(super) fn optional_name(&mut self) -> Option<Option<String>> {
        match self.array::<1>()? {
            [1] => Some(None),
            [2] => self.name().map(Some),
            _ => None,
        }
    }

    pub(super) fn block(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        self.raw(length)
    }

    pub(super) fn list<T>(
        &mut self,
        mut each: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let length = self.number()?;
        // The length may be nonsense, so nothing is set aside for it beforehand.
        (0..length).map(|_| each(self)).collect()
    }

    pub(super) fn date(&mut self) -> Option<NaiveDate> {
        NaiveDate::from_num_days_from_ce_opt(i32::try_from(self.instant()?).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(due: Option<i64>, name: &str, optional: Option<&str>, number: u64) -> Vec<u8> {
        Writer::new().due(due).name(name).optional_name(optional).number(number).done()
    }

    proptest! {
        #[test]
        fn keys_sort_as_their_values_do(
            a in (any::<Option<i64>>(), "[ a-cé]{1,3}", proptest::option::of("[ a-c]{1,3}"), any::<u64>()),
            b in (any::<Option<i64>>(), "[ a-cé]{1,3}", proptest::option::of("[ a-c]{1,3}"), any::<u64>()),
        ) {
            let order = |x: &(Option<i64>, String, Option<String>, u64)| {
                ((x.0.is_none(), x.0.unwrap_or(0)), x.1.clone(), x.2.clone(), x.3)
            };
            let bytes = |x: &(Option<i64>, String, Option<String>, u64)| {
                key(x.0, &x.1, x.2.as_deref(), x.3)
            };
            prop_assert_eq!(order(&a).cmp(&order(&b)), bytes(&a).cmp(&bytes(&b)));
        }

        #[test]
        fn what_is_written_is_read(
            due in any::<Option<i64>>(), name in "[ -~é]{0,9}", number in any::<u64>(),
            block in any::<Vec<u8>>(), days in -100_000_i32..3_000_000,
        ) {
            let date = NaiveDate::from_num_days_from_ce_opt(days).unwrap_or_default();
            let bytes = Writer::new().due(due).name(&name).number(number).block(&block).date(date);
            let bytes = bytes.list(&[1, 2], |w, n| w.number(*n)).done();
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.due(), Some(due));
            prop_assert_eq!(reader.name(), Some(name));
            prop_assert_eq!(reader.number(), Some(number));
            prop_assert_eq!(reader.block(), Some(block.as_slice()));
            prop_assert_eq!(reader.date(), Some(date));
            prop_assert_eq!(reader.list(Reader::number), Some(vec![1, 2]));
            prop_assert_eq!(reader.end(), Some(()));
        }

        #[test]
        fn nonsense_is_read_as_nothing(bytes in any::<Vec<u8>>()) {
            let mut reader = Reader::new(&bytes);
            let _ = (reader.due(), reader.optional_name(), reader.date(), reader.block());
            let _ = reader.list(|r| r.list(Reader::name));
        }
    }
}
