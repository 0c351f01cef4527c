//! The table of the settings: names, values, help, and how each is read and written.

use toml_edit::{Array, Value};

use super::values::{Fault, Placed, choice, flag, percent, text, texts, unknown};
use crate::engine::table::field::{FIELDS, Field, FieldInfo};
use crate::engine::table::order::Order;
use crate::present::format::MemoryUnit;
use crate::tui::layout::{HiddenPanes, Pane};
use crate::tui::settings::Settings;

/// A setting of the file.
pub struct Setting {
    /// The table that it is in; empty for none.
    pub table: &'static str,
    pub name: &'static str,
    /// Its values, in words.
    pub values: &'static str,
    /// Its meaning, in one line.
    pub help: &'static str,
    /// Sets it to a value of the file.
    pub read: fn(&mut Settings, &Placed) -> Result<(), Fault>,
    /// Returns its value as the file has it.
    pub write: fn(&Settings) -> Value,
}

impl Setting {
    /// Returns its name with that of its table: `panes.left`.
    pub fn full_name(&self) -> String {
        match self.table {
            "" => self.name.to_owned(),
            table => format!("{table}.{}", self.name),
        }
    }
}

const PANES: [(&str, Pane); 4] = [
    ("models", Pane::Models),
    ("tree", Pane::Tree),
    ("histogram", Pane::Histogram),
    ("details", Pane::Details),
];

const MEMORY_UNITS: [(&str, MemoryUnit); 2] =
    [("GB", MemoryUnit::Decimal), ("GiB", MemoryUnit::Binary)];

/// Every setting; those without a table come first, as TOML asks for.
pub const SETTINGS: [Setting; 12] = [
    Setting {
        table: "",
        name: "theme",
        values: "`auto`, `dark`, `light`, `16`, `none`, or a theme of `[themes]`",
        help: "Colors; `auto` asks the environment and the terminal",
        read: |settings, value| text(value).map(|name| settings.theme = name.to_owned()),
        write: |settings| settings.theme.as_str().into(),
    },
    Setting {
        table: "",
        name: "columns",
        values: "a list of fields",
        help: "Columns of the list beside the id, from the left",
        read: |settings, value| columns(value).map(|columns| settings.columns = columns),
        write: |settings| {
            let names = settings.columns.iter().map(|field| field.info().name);
            Value::Array(names.collect::<Array>())
        },
    },
    Setting {
        table: "",
        name: "sort",
        values: "a field, with `:asc` or `:desc`",
        help: "Order of the list where the query states none",
        read: |settings, value| order(value).map(|order| settings.sort = order),
        write: |settings| settings.sort.to_string().into(),
    },
    Setting {
        table: "",
        name: "mouse",
        values: "`true` or `false`",
        help: "Scroll, select, open and resize with the mouse",
        read: |settings, value| flag(value).map(|mouse| settings.mouse = mouse),
        write: |settings| settings.mouse.into(),
    },
    Setting {
        table: "panes",
        name: "focus",
        values: "`models`, `tree`, `histogram` or `details`",
        help: "Pane that has the focus at the start",
        read: |settings, value| choice(value, &PANES).map(|pane| settings.focus = pane),
        write: |settings| name_of(&PANES, settings.focus),
    },
    Setting {
        table: "panes",
        name: "zoom",
        values: "`true` or `false`",
        help: "Show only that pane at the start",
        read: |settings, value| flag(value).map(|zoomed| settings.zoomed = zoomed),
        write: |settings| settings.zoomed.into(),
    },
    Setting {
        table: "panes",
        name: "hidden",
        values: "a list of panes",
        help: "Panes that are hidden at the start",
        read: |settings, value| hidden(value).map(|hidden| settings.hidden = hidden),
        write: |settings| {
            let hidden = PANES
                .iter()
                .filter(|(_, pane)| settings.hidden[*pane as usize]);
            Value::Array(hidden.map(|(name, _)| *name).collect::<Array>())
        },
    },
    share(
        "left",
        "Width of the left panes",
        |settings, value| percent(value).map(|share| settings.shares.left = share),
        |settings| of_share(settings.shares.left),
    ),
    share(
        "models",
        "Height of the models above the tree",
        |settings, value| percent(value).map(|share| settings.shares.models = share),
        |settings| of_share(settings.shares.models),
    ),
    share(
        "details",
        "Height of the details above the histogram",
        |settings, value| percent(value).map(|share| settings.shares.details = share),
        |settings| of_share(settings.shares.details),
    ),
    share(
        "upper",
        "Height of the models where only two panes fit",
        |settings, value| percent(value).map(|share| settings.shares.upper = share),
        |settings| of_share(settings.shares.upper),
    ),
    Setting {
        table: "units",
        name: "memory",
        values: "`GB`, 10⁹ bytes, or `GiB`, 2³⁰",
        help: "Unit of the memory of weights and of files",
        read: |settings, value| choice(value, &MEMORY_UNITS).map(|unit| settings.memory = unit),
        write: |settings| name_of(&MEMORY_UNITS, settings.memory),
    },
];

/// Returns the setting of a share of the panes.
const fn share(
    name: &'static str,
    help: &'static str,
    read: fn(&mut Settings, &Placed) -> Result<(), Fault>,
    write: fn(&Settings) -> Value,
) -> Setting {
    Setting {
        table: "panes",
        name,
        values: "percent, 0 to 100",
        help,
        read,
        write,
    }
}

fn of_share(share: u16) -> Value {
    i64::from(share).into()
}

fn name_of<T: PartialEq>(choices: &[(&str, T)], chosen: T) -> Value {
    let found = choices.iter().find(|(_, choice)| *choice == chosen);
    found.map_or("", |(name, _)| name).into()
}

/// Returns the fields of columns.
fn columns(value: &Placed) -> Result<Vec<Field>, Fault> {
    let mut columns = Vec::new();
    for (name, at) in texts(value)? {
        let listed = || FIELDS.iter().filter(|info| info.width > 0);
        let is_named = |info: &&FieldInfo| info.name == name || info.key == name;
        let field = listed().find(is_named).map(|info| info.field);
        let reason = match field {
            None => {
                let names: Vec<&str> = listed().map(|info| info.name).collect();
                unknown("column", name, &names)
            }
            Some(field) if columns.contains(&field) => format!("column `{name}` is listed twice"),
            Some(field) => {
                columns.push(field);
                continue;
            }
        };
        return Err(Fault { at, reason });
    }
    Ok(columns)
}

fn hidden(value: &Placed) -> Result<HiddenPanes, Fault> {
    let mut hidden = HiddenPanes::default();
    for (name, at) in texts(value)? {
        let Some((_, pane)) = PANES.iter().find(|(known, _)| *known == name) else {
            let reason = unknown("pane", name, &PANES.map(|(known, _)| known));
            return Err(Fault { at, reason });
        };
        hidden[*pane as usize] = true;
    }
    Ok(hidden)
}

fn order(value: &Placed) -> Result<Order, Fault> {
    let order = Order::parse(text(value)?).map_err(|reason| Fault::of(value, reason))?;
    match order.is_compared() {
        true => Err(Fault::of(
            value,
            format!("`{order}` compares with an older snapshot and is no order for every start"),
        )),
        false => Ok(order),
    }
}
