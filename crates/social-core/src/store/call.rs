//! A call of one of the database's functions (`sql/*.sql`): one statement, one transaction, one round trip.
//!
//! The statement has no name, its types travel with it, and nothing stays on the connection: that is what works behind
//! every pooler, also one that hands each statement to another server connection.

use std::error::Error;
use std::fmt::{Debug, Write as _};
use std::time::Duration;

use bytes::BytesMut;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_postgres::Row;
use tokio_postgres::types::{IsNull, Json, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use crate::clock::Timestamp;

/// A call with its arguments.
#[derive(Debug)]
pub(super) struct Call<'a> {
    function: &'static str,
    names: Vec<&'static str>,
    arguments: Vec<(Box<dyn ToSql + Sync + Send + 'a>, Type)>,
    is_repeatable: bool,
    is_patient: bool,
}

impl<'a> Call<'a> {
    /// A call that does no more when it is made twice than when it is made once. If its connection breaks, it is made
    /// again.
    pub(super) fn repeatable(function: &'static str) -> Self {
        Self { function, names: Vec::new(), arguments: Vec::new(), is_repeatable: true, is_patient: false }
    }

    /// A call that its caller must not see made twice. If its connection breaks, the outcome is unknown.
    pub(super) fn once(function: &'static str) -> Self {
        Self { is_repeatable: false, ..Self::repeatable(function) }
    }

    /// Says that the call saves what a platform reports once. It waits longer for a database that does not answer.
    pub(super) fn patient(self) -> Self {
        Self { is_patient: true, ..self }
    }

    /// Gives an argument by its name in the function.
    pub(super) fn with(mut self, name: &'static str, value: impl Argument + 'a) -> Self {
        let kind = value.kind();
        self.names.push(name);
        self.arguments.push((Box::new(value), kind));
        self
    }

    pub(super) fn is_repeatable(&self) -> bool {
        self.is_repeatable
    }

    pub(super) fn is_patient(&self) -> bool {
        self.is_patient
    }

    /// The statement: `select * from function(name => $1, …)`.
    pub(super) fn text(&self) -> String {
        let mut text = format!("select * from {}(", self.function);
        for (place, name) in self.names.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            // Writing to a String cannot fail.
            let _ = write!(text, "{comma}{name} => ${}", place + 1);
        }
        text.push(')');
        text
    }

    /// The arguments as the driver takes them.
    pub(super) fn arguments(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        self.arguments
            .iter()
            .map(|(value, kind)| {
                let value: &(dyn ToSql + Sync) = &**value;
                (value, kind.clone())
            })
            .collect()
    }
}

/// What an argument can be: a scalar, an array of them, or nothing in their place.
pub(super) trait Argument: ToSql + Sync + Send {
    /// Its type in Postgres.
    fn kind(&self) -> Type;
}

/// A type with an array type beside it.
pub(super) trait Scalar: ToSql + Sync + Send {
    const TYPE: Type;
    const ARRAY: Type;
}

macro_rules! scalars {
    ($($rust:ty => $scalar:ident, $array:ident;)+) => {$(
        impl Scalar for $rust {
            const TYPE: Type = Type::$scalar;
            const ARRAY: Type = Type::$array;
        }
    )+};
}

scalars! {
    bool => BOOL, BOOL_ARRAY;
    i32 => INT4, INT4_ARRAY;
    i64 => INT8, INT8_ARRAY;
    f64 => FLOAT8, FLOAT8_ARRAY;
    String => TEXT, TEXT_ARRAY;
    &str => TEXT, TEXT_ARRAY;
    &[u8] => BYTEA, BYTEA_ARRAY;
    Uuid => UUID, UUID_ARRAY;
    Timestamp => TIMESTAMPTZ, TIMESTAMPTZ_ARRAY;
    serde_json::Value => JSONB, JSONB_ARRAY;
}

impl<T: Serialize + Debug + Sync + Send> Scalar for Json<T> {
    const TYPE: Type = Type::JSONB;
    const ARRAY: Type = Type::JSONB_ARRAY;
}

/// Records in a JSON array, which a function reads with `json_to_recordset`.
#[derive(Debug)]
pub(super) struct Records<T>(pub(super) Vec<T>);

impl<T: Serialize + Debug> ToSql for Records<T> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        Json(&self.0).to_sql(kind, out)
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::JSON
    }

    to_sql_checked!();
}

impl<T: Serialize + Debug + Sync + Send> Argument for Records<T> {
    fn kind(&self) -> Type {
        Type::JSON
    }
}

impl<T: Scalar> Argument for T {
    fn kind(&self) -> Type {
        T::TYPE
    }
}

impl<T: Scalar> Argument for Option<T> {
    fn kind(&self) -> Type {
        T::TYPE
    }
}

macro_rules! arrays {
    ($($array:ty),+ $(,)?) => {$(
        impl<T: Scalar> Argument for $array {
            fn kind(&self) -> Type {
                T::ARRAY
            }
        }
    )+};
}

arrays!(Vec<T>, Vec<Option<T>>, Option<Vec<T>>, &[T]);

/// What a function returns: a row, read column by column.
pub(super) trait Columns: Sized + Send {
    /// Reads a row.
    fn read(row: &Row) -> Result<Self, tokio_postgres::Error>;
}

/// The one column of a function that returns a value rather than a row.
macro_rules! values {
    ($($rust:ty),+ $(,)?) => {$(
        impl Columns for $rust {
            fn read(row: &Row) -> Result<Self, tokio_postgres::Error> {
                row.try_get(0)
            }
        }
    )+};
}

values!(bool, i64, String, Uuid, Timestamp, Option<Timestamp>, Option<String>, Option<Uuid>);

/// A value that stands as JSON.
impl<T: DeserializeOwned + Send> Columns for Json<T> {
    fn read(row: &Row) -> Result<Self, tokio_postgres::Error> {
        row.try_get(0)
    }
}

/// The same, or null.
impl<T: DeserializeOwned + Send> Columns for Option<Json<T>> {
    fn read(row: &Row) -> Result<Self, tokio_postgres::Error> {
        row.try_get(0)
    }
}

/// Declares a struct whose fields are the columns, of the same names, that a function returns.
macro_rules! columns {
    ($(#[$attribute:meta])* $visibility:vis struct $name:ident {
        $($(#[$about:meta])* $access:vis $field:ident: $kind:ty),+ $(,)?
    }) => {
        $(#[$attribute])*
        $visibility struct $name { $($(#[$about])* $access $field: $kind),+ }

        impl $crate::store::call::Columns for $name {
            fn read(row: &tokio_postgres::Row) -> Result<Self, tokio_postgres::Error> {
                Ok(Self { $($field: row.try_get(stringify!($field))?),+ })
            }
        }
    };
}

pub(super) use columns;

/// Durations go to SQL as seconds.
pub(super) fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_names_its_arguments_and_their_types() {
        let call = Call::once("find_due")
            .with("most", 5)
            .with("platforms", vec!["tiktok".to_owned()])
            .with("handed", None::<Vec<Uuid>>)
            .with("video", Json(&[1, 2]));
        assert_eq!(
            call.text(),
            "select * from find_due(most => $1, platforms => $2, handed => $3, video => $4)"
        );
        let kinds: Vec<Type> = call.arguments().into_iter().map(|(_, kind)| kind).collect();
        assert_eq!(kinds, [Type::INT4, Type::TEXT_ARRAY, Type::UUID_ARRAY, Type::JSONB]);
        assert_eq!(Call::repeatable("social_now").text(), "select * from social_now()");
    }
}
