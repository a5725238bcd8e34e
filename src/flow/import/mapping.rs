//! Which column is what: `--map`, `--meters`, and the names that columns have by themselves.

use super::source::Format;
use crate::billing::id::{CustomerId, MeterKey};
use crate::billing::spelling::nearest;
use crate::error::{Error, Kind};
use crate::flow::names::shown;

/// What a column can be. The first name is ours; the others are taken when a column has them by itself.
const OURS: [(Ours, &[&str]); 7] = [
    (Ours::Id, &["id", "event"]),
    (Ours::Time, &["time", "at"]),
    (Ours::Quantity, &["quantity"]),
    (Ours::Customer, &["customer"]),
    (Ours::Meter, &["meter"]),
    (Ours::Action, &["action"]),
    (Ours::User, &["user"]),
];

/// What a column is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ours {
    /// The caller's id of the event.
    Id,
    /// When it happened.
    Time,
    /// Units.
    Quantity,
    /// Whose.
    Customer,
    /// Of what.
    Meter,
    /// The action that caused it.
    Action,
    /// The end user who caused it.
    User,
}

/// A column by its name or, as `#3`, by its place.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Column {
    Name(String),
    Place(usize),
}

/// What was said on the command line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mapping {
    columns: Vec<(Ours, Column)>,
    meters: Vec<(MeterKey, Column)>,
    customer: Option<CustomerId>,
    meter: Option<MeterKey>,
}

/// Where the parts of an event are in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The caller's id.
    pub id: Option<usize>,
    /// When.
    pub time: usize,
    /// Units of which meter; no meter means that the row says it.
    pub quantities: Vec<(Option<MeterKey>, usize)>,
    /// The customer of all rows, or where a row says it.
    pub customer: Result<CustomerId, usize>,
    /// Where a row says its meter.
    pub meter: Option<usize>,
    /// The action.
    pub action: Option<usize>,
    /// The user.
    pub user: Option<usize>,
}

fn usage(text: String) -> Error {
    Error::new(Kind::Usage, "mapping", text)
        .hint("write --map ours=theirs[,ours=theirs], with ours = id, time, quantity, customer, meter, action, user")
}

fn column(text: &str) -> Result<Column, Error> {
    let Some(place) = text.strip_prefix('#') else { return Ok(Column::Name(text.to_owned())) };
    let place = place.parse::<usize>().ok().and_then(|place| place.checked_sub(1));
    place.map(Column::Place).ok_or_else(|| usage(format!("`{}` is no column: the first is #1", shown(text))))
}

/// `a=b,c=d` in its pairs; a comma without `=` behind it belongs to a name.
fn pairs(text: &str) -> Result<Vec<(String, String)>, Error> {
    let mut all: Vec<(String, String)> = Vec::new();
    for part in text.split(',') {
        match (part.split_once('='), all.last_mut()) {
            (Some((ours, theirs)), _) => all.push((ours.trim().to_owned(), theirs.to_owned())),
            (None, Some(last)) => {
                last.1.push(',');
                last.1.push_str(part);
            }
            (None, None) => return Err(usage(format!("`{}` is not written as ours=theirs", shown(text)))),
        }
    }
    Ok(all)
}

impl Mapping {
    /// Reads the options. Contradictions are refused.
    pub fn parse(
        maps: &[String],
        meters: Option<&str>,
        customer: Option<&str>,
        meter: Option<&str>,
    ) -> Result<Mapping, Error> {
        let mut mapping = Mapping {
            customer: customer.map(CustomerId::parse).transpose()?,
            meter: meter.map(MeterKey::parse).transpose()?,
            ..Mapping::default()
        };
        for (name, theirs) in maps.iter().map(|text| pairs(text)).collect::<Result<Vec<_>, _>>()?.concat() {
            let known = OURS.iter().find(|(_, names)| names.contains(&name.as_str()));
            let Some((ours, names)) = known else {
                let near = nearest(&name, OURS.iter().map(|(_, names)| names[0]));
                let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                return Err(usage(format!("`{}` is nothing of ours{near}", shown(&name))));
            };
            if mapping.columns.iter().any(|(other, _)| other == ours) {
                return Err(usage(format!("`{}` is mapped twice", names[0])));
            }
            mapping.columns.push((*ours, column(&theirs)?));
        }
        for (key, theirs) in meters.map(pairs).transpose()?.unwrap_or_default() {
            let key = MeterKey::parse(&key)?;
            if mapping.meters.iter().any(|(other, _)| *other == key) {
                return Err(usage(format!("meter `{key}` is mapped twice")));
            }
            mapping.meters.push((key, column(&theirs)?));
        }
        mapping.refuse_contradictions()?;
        Ok(mapping)
    }

    fn refuse_contradictions(&self) -> Result<(), Error> {
        let mapped = |ours| self.columns.iter().any(|(other, _)| *other == ours);
        let several = !self.meters.is_empty();
        for (both, text) in [
            (self.customer.is_some() && mapped(Ours::Customer), "--customer and a mapped column customer"),
            (self.meter.is_some() && mapped(Ours::Meter), "--meter and a mapped column meter"),
            (several && self.meter.is_some(), "--meters and --meter"),
            (several && mapped(Ours::Meter), "--meters and a mapped column meter"),
            (several && mapped(Ours::Quantity), "--meters and a mapped column quantity"),
        ] {
            if both {
                return Err(usage(format!("{text} say different things: give one of them")));
            }
        }
        Ok(())
    }

    /// The keys of JSON objects that are looked at, in the order of the fields; each with its other names.
    pub fn keys(&self) -> Vec<Vec<String>> {
        let own = |(_, names): &(Ours, &[&str])| names.iter().map(|it| (*it).to_owned()).collect();
        let mut keys: Vec<Vec<String>> = OURS.iter().map(own).collect();
        let mapped = self.columns.iter().map(|(_, column)| column);
        for column in mapped.chain(self.meters.iter().map(|(_, column)| column)) {
            if let Column::Name(name) = column
                && !keys.iter().any(|names| names.first() == Some(name))
            {
                keys.push(vec![name.clone()]);
            }
        }
        keys
    }

    /// Finds everything in a header (of JSON lines: the keys that are looked at).
    pub fn places(&self, header: &[String], format: Format) -> Result<Places, Error> {
        let find = Finder { mapping: self, header, format };
        let several = !self.meters.is_empty();
        let quantities = if several {
            let each = |(key, column): &(MeterKey, Column)| Ok((Some(key.clone()), find.column(column)?));
            self.meters.iter().map(each).collect::<Result<Vec<_>, Error>>()?
        } else {
            vec![(self.meter.clone(), find.needed(Ours::Quantity)?)]
        };
        let says_meter = !several && self.meter.is_none();
        Ok(Places {
            id: find.ours(Ours::Id)?,
            time: find.needed(Ours::Time)?,
            quantities,
            customer: match &self.customer {
                Some(customer) => Ok(customer.clone()),
                None => Err(find.needed(Ours::Customer)?),
            },
            meter: if says_meter { Some(find.needed(Ours::Meter)?) } else { None },
            action: find.ours(Ours::Action)?,
            user: find.ours(Ours::User)?,
        })
    }

    /// Meters that every row is of.
    pub fn fixed_meters(&self) -> impl Iterator<Item = &MeterKey> {
        self.meters.iter().map(|(key, _)| key).chain(self.meter.iter())
    }

    /// The customer that every row is of.
    pub fn fixed_customer(&self) -> Option<&CustomerId> {
        self.customer.as_ref()
    }
}

struct Finder<'a> {
    mapping: &'a Mapping,
    header: &'a [String],
    format: Format,
}

impl Finder<'_> {
    fn column(&self, column: &Column) -> Result<usize, Error> {
        let bad = |text: String| Error::new(Kind::BadInput, "column", text);
        match column {
            Column::Place(_) if self.format == Format::Ndjson => {
                Err(bad("JSON lines have no column by number".to_owned()).hint("name the key"))
            }
            Column::Place(place) if *place < self.header.len() => Ok(*place),
            Column::Place(place) => {
                Err(bad(format!("there is no column #{}: the header has {}", place + 1, self.header.len())))
            }
            Column::Name(name) => {
                let mut found = self.header.iter().enumerate().filter(|(_, it)| *it == name);
                match (found.next(), found.next()) {
                    (Some((place, _)), None) => Ok(place),
                    (Some(_), Some(_)) => {
                        Err(bad(format!("the header has the column `{}` twice", shown(name)))
                            .hint("say which one by its place, such as #3"))
                    }
                    (None, _) => {
                        let near = nearest(name, self.header.iter().map(String::as_str));
                        let near =
                            near.map(|near| format!("; did you mean `{}`?", shown(near))).unwrap_or_default();
                        Err(bad(format!("the header has no column `{}`{near}", shown(name)))
                            .hint(self.columns()))
                    }
                }
            }
        }
    }

    /// Where something of ours is: as mapped, else in a column that has one of its names.
    fn ours(&self, ours: Ours) -> Result<Option<usize>, Error> {
        if let Some((_, column)) = self.mapping.columns.iter().find(|(it, _)| *it == ours) {
            return self.column(column).map(Some);
        }
        let names = OURS.iter().find(|(it, _)| *it == ours).map_or(&[][..], |(_, names)| names);
        let named = names.iter().find(|name| self.header.iter().any(|it| it == *name));
        named.map(|name| self.column(&Column::Name((*name).to_owned()))).transpose()
    }

    fn needed(&self, ours: Ours) -> Result<usize, Error> {
        if let Some(place) = self.ours(ours)? {
            return Ok(place);
        }
        let name = OURS.iter().find(|(it, _)| *it == ours).map_or("", |(_, names)| names[0]);
        let or = match ours {
            Ours::Customer => ", or give one for all with --customer",
            Ours::Meter => ", or give one for all with --meter, or several with --meters",
            Ours::Quantity => ", or several meters with --meters in=THEIRS,out=THEIRS",
            _ => "",
        };
        Err(Error::new(Kind::BadInput, "column", format!("no column is known as the {name}"))
            .hint(format!("say which: --map {name}=THEIRS{or}; {}", self.columns())))
    }

    fn columns(&self) -> String {
        const SHOWN_MAX: usize = 20;
        let names: Vec<String> = self.header.iter().take(SHOWN_MAX).map(|name| shown(name)).collect();
        let more = if self.header.len() > SHOWN_MAX { ", …" } else { "" };
        format!("the columns are {}{more}", names.join(", "))
    }
}
