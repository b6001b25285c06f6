//! A method of a matrix: which, with what settings and in what role.

use art_methods::Settings;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// A method of a matrix.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MatrixMethod {
    /// Its name, a [`MethodName`](art_methods::MethodName); settings that stand in it are its settings.
    pub id: String,
    /// Its title in reports, where it is not that of the registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its settings; those left out have the method's defaults.
    pub settings: Settings,
    /// Data sets that it is not run on, with the reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<String, String>,
    /// Why it is in the matrix.
    #[serde(skip_serializing_if = "Role::is_compared")]
    pub role: Role,
    /// Settings that are tuned, learning rate and weight decay included; known once the matrix is resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_settings: Option<usize>,
}

/// Why a method is in a matrix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// It is one of those that the experiment is about.
    #[default]
    Compared,
    /// It is there to say where a gain comes from.
    Control,
    /// It belongs beside the others though the experiment did not have it.
    Addition,
}

impl Role {
    #[allow(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde asks for a reference"
    )]
    fn is_compared(&self) -> bool {
        *self == Self::Compared
    }
}

impl MatrixMethod {
    /// The method called `id` with its default settings.
    pub fn with_defaults(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            title: None,
            settings: Settings::default(),
            left_out: BTreeMap::new(),
            role: Role::Compared,
            n_settings: None,
        }
    }
}

/// A method is written as its id alone, or as a table.
impl<'de> Deserialize<'de> for MatrixMethod {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            id: String,
            #[serde(default)]
            title: Option<String>,
            #[serde(default)]
            settings: Settings,
            #[serde(default)]
            left_out: BTreeMap<String, String>,
            #[serde(default)]
            role: Role,
            #[serde(default)]
            n_settings: Option<usize>,
        }

        struct IdOrTable;

        impl<'de> serde::de::Visitor<'de> for IdOrTable {
            type Value = MatrixMethod;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the id of a method, or a table with its id and settings")
            }

            fn visit_str<E>(self, id: &str) -> Result<MatrixMethod, E> {
                Ok(MatrixMethod::with_defaults(id))
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                map: A,
            ) -> Result<MatrixMethod, A::Error> {
                let map = serde::de::value::MapAccessDeserializer::new(map);
                let Table {
                    id,
                    title,
                    settings,
                    left_out,
                    role,
                    n_settings,
                } = Table::deserialize(map)?;
                Ok(MatrixMethod {
                    id,
                    title,
                    settings,
                    left_out,
                    role,
                    n_settings,
                })
            }
        }

        deserializer.deserialize_any(IdOrTable)
    }
}
