//! What would mend an error, for programs that offer it in their own words.

/// Another way of reading or using a table, one of which mends an error ([`DataError::remedies`](crate::DataError::remedies)).
///
/// Whether it is right is for a person to say: `1O` may be a mistake, a word or a missing value. What can be done in the table
/// itself alone is said by the error's text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remedy {
    /// The column is one of words ([`ReadOptions::words`](crate::ReadOptions::words)).
    ReadAsWords {
        /// The column.
        column: String,
    },
    /// The column is not read ([`ReadOptions::ignored`](crate::ReadOptions::ignored)).
    LeaveOut {
        /// The column.
        column: String,
    },
    /// Such fields stand for a missing value ([`ReadOptions::missing`](crate::ReadOptions::missing)).
    TakeForMissing {
        /// The field.
        field: String,
    },
    /// Such fields are values and not missing ([`ReadOptions::not_missing`](crate::ReadOptions::not_missing)).
    TakeForValue {
        /// The field.
        field: String,
    },
    /// Numbers have a decimal point ([`ReadOptions::decimal`](crate::ReadOptions::decimal)).
    DecimalPoint,
    /// Numbers have a decimal comma ([`ReadOptions::decimal`](crate::ReadOptions::decimal)).
    DecimalComma,
    /// The day comes first in dates ([`ReadOptions::dates`](crate::ReadOptions::dates)).
    DayFirst,
    /// The month comes first in dates ([`ReadOptions::dates`](crate::ReadOptions::dates)).
    MonthFirst,
    /// The first line has the names of the columns ([`ReadOptions::header`](crate::ReadOptions::header)).
    HeaderPresent,
    /// The first line is a row ([`ReadOptions::header`](crate::ReadOptions::header)).
    HeaderAbsent,
    /// Something else stands between fields ([`ReadOptions::delimiter`](crate::ReadOptions::delimiter)).
    Delimiter {
        /// What does, where something is likely.
        sign: Option<char>,
    },
    /// Lines that begin so are no rows ([`ReadOptions::comment`](crate::ReadOptions::comment)).
    Comment {
        /// What they begin with.
        sign: char,
    },
    /// The file has another encoding ([`ReadOptions::encoding`](crate::ReadOptions::encoding)).
    Encoding,
    /// Words that no training row has are counted and not refused ([`Unseen::Counted`](crate::Unseen::Counted)).
    CountUnseen,
    /// The rows of small classes are left out ([`LabelledFrame::without_classes`](crate::LabelledFrame::without_classes)).
    LeaveOutClasses {
        /// The classes.
        names: Vec<String>,
    },
    /// Small classes become one ([`LabelledFrame::with_joined_classes`](crate::LabelledFrame::with_joined_classes)).
    JoinClasses {
        /// The classes.
        names: Vec<String>,
    },
}
