//! Queries and mistakes in them.

use super::*;
use proptest::prelude::*;

const ANCHORS: [Anchor; 6] = [
    Anchor::Anywhere,
    Anchor::Start,
    Anchor::End,
    Anchor::Whole,
    Anchor::Word,
    Anchor::Subsequence,
];

#[test]
fn every_operator() {
    let query = parse(r#"a ^b c$ ^d$ 'e ~f !g|^h "i j"|k "a:b" -gguf"#)
        .unwrap()
        .query;
    let anchors: Vec<Anchor> = query.words.iter().map(|w| w.any[0].anchor).collect();
    assert_eq!(anchors, [&ANCHORS[..], &[Anchor::Anywhere; 4]].concat());
    assert!(query.words[6].negated);
    assert_eq!(query.words[6].any[1].anchor, Anchor::Start);
    assert_eq!(query.words[7].any[0].text, "i j");
    assert_eq!(query.words[8].any[0].text, "a:b");
    assert_eq!(query.words[9].any[0].text, "-gguf");
}

#[test]
fn every_filter() {
    for info in &FILTERS {
        let parsed = parse(&format!("x {} !y", info.example)).unwrap();
        assert_eq!(parsed.query.filters[0].key, info.key, "{}", info.example);
        assert_eq!(parsed.conditions.len(), 2);
        assert_eq!(parsed.filter_places[0], 2..2 + info.example.len());
    }
    let query = parse("author:a,\"b c\" has:params|base -is:root sort:likes:asc")
        .unwrap()
        .query;
    let word = FilterValue::Word("b c".to_owned());
    assert_eq!(query.filters[0].values[1], word);
    assert_eq!(query.filters[1].values.len(), 2);
    assert!(query.filters[2].negated);
    assert!(query.sort.unwrap().ascending);
}

#[test]
fn errors_have_a_column_and_a_reason() {
    let errors = [
        ("llama \"two words", "column 7: this quote is not closed"),
        (
            "é foo:x",
            "column 3: unknown filter `foo:`; quotes make it a word, `?` lists the filters",
        ),
        (
            "lisense:mit",
            "column 1: unknown filter `lisense:`; did you mean `license:`?",
        ),
        (
            "params:>big",
            "column 8: `big` is not a number, such as 300, 1.5M or 7B",
        ),
        (
            "x author:",
            "column 3: `author:` needs a value, such as author:google,Qwen",
        ),
        (
            "author:a,,b",
            "column 10: a value is missing beside the comma",
        ),
        (
            "sort:weight",
            "column 6: unknown field `weight` to sort by; one of id, downloads, all, likes, trending, params, created, modified, ratio, children, descendants, depth, family_downloads, family_all, with_copies, delta, growth, memory, age_days",
        ),
    ];
    for (text, error) in errors {
        assert_eq!(parse(text).unwrap_err().with_column(text), error);
    }
    for text in "^ ! a| ' ~x$ a\"b\" has:is is:tree params:9B..7B -sort:likes".split(' ') {
        assert!(parse(text).is_err(), "{text}");
    }
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let text = "[a-zA-Z0-9 ^'!~$|:,\"\\\\é模-]{1,6}";
    (text, prop::sample::select(&ANCHORS[..])).prop_map(|(text, anchor)| Pattern { text, anchor })
}

fn value(key: FilterKey) -> BoxedStrategy<FilterValue> {
    let value_type = key.info().value_type;
    let limit = match value_type {
        ValueType::Language => return Just(FilterValue::Word("de".to_owned())).boxed(),
        ValueType::Word | ValueType::Model => {
            let word = "[a-z0-9 :,|\"$!-]{1,6}";
            return word.prop_map(FilterValue::Word).boxed();
        }
        ValueType::Key => return Just(FilterValue::Key(FilterKey::Params)).boxed(),
        ValueType::Flag => return Just(FilterValue::Flag(Flag::Merge)).boxed(),
        ValueType::Memory => {
            let size = "[0-9]{1,4}(\\.[0-9]{1,3})?[GMT]i?B(@(4|8))?";
            let fit = |text: String| FilterValue::Memory(MemoryFit::parse(&text).unwrap());
            return size.prop_map(fit).boxed();
        }
        ValueType::Count => "[0-9]{1,4}(\\.[0-9]{1,3})?[KMBT]?",
        ValueType::Change => "[+-]?[0-9]{1,4}(\\.[0-9]{1,3})?[KMBT]?",
        ValueType::Share => "[0-9]{1,3}(\\.[0-9]{1,3})?%?",
        ValueType::Growth => "[+-]?[0-9]{1,3}(\\.[0-9]{1,3})?%?",
        ValueType::Time => "20[0-9]{2}(-0[1-9](-1[0-9])?)?",
    };
    let forms = prop::sample::select(vec!["@", ">@", ">=@", "<@", "<=@", "@..", "..@"]);
    let range = (forms, limit).prop_map(move |(form, limit)| {
        let text = form.replace('@', &limit);
        FilterValue::Range(ValueRange::parse(&text, value_type).unwrap())
    });
    range.boxed()
}

fn filter() -> impl Strategy<Value = Filter> {
    let keys: Vec<FilterKey> = FILTERS.iter().map(|i| i.key).collect();
    prop::sample::select(keys).prop_flat_map(|key| {
        let values = prop::collection::vec(value(key), 1..3);
        (any::<bool>(), values).prop_map(move |(negated, values)| Filter {
            negated,
            key,
            values,
        })
    })
}

fn query() -> impl Strategy<Value = Query> {
    let word = (any::<bool>(), prop::collection::vec(pattern(), 1..3))
        .prop_map(|(negated, any)| Word { negated, any });
    let fields: Vec<_> = Order::fields().map(|i| i.field).collect();
    let key = (prop::sample::select(fields), any::<bool>());
    let order = prop::collection::vec(key, 1..6).prop_map(|keys| {
        let mut keys = keys.into_iter().map(|(field, up)| Order::by(field, up));
        let first = keys.next().unwrap_or_default();
        keys.fold(first, |order, key| order.then(key).unwrap_or(order))
    });
    (
        prop::collection::vec(word, 0..4),
        prop::collection::vec(filter(), 0..4),
        prop::option::of(order),
    )
        .prop_map(|(words, filters, sort)| Query {
            words,
            filters,
            sort,
        })
}

proptest! {
    #[test]
    fn a_printed_query_parses_to_itself(query in query()) {
        let text = query.to_string();
        prop_assert_eq!(parse(&text).map(|p| p.query), Ok(query), "{}", text);
    }

    #[test]
    fn any_text_parses_or_has_an_error_at_a_place_in_it(bytes in prop::collection::vec(any::<u8>(), 0..40), typed in "[a-z:,|!^$~'\"\\\\ .>0-9-]{0,30}") {
        for text in [String::from_utf8_lossy(&bytes).into_owned(), typed] {
            match parse(&text) {
                Ok(parsed) => prop_assert!(parsed.conditions.iter().all(|at| text.get(at.clone()).is_some())),
                Err(error) => prop_assert!(text.get(error.at).is_some()),
            }
        }
    }
}
