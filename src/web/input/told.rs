//! A body of which all that is wrong is told at once, also what only its handler finds out.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use super::{Input, read_json};
use crate::error::{Error, FieldError};
use crate::web::Problem;

/// A JSON body whose handler has more to find wrong with it than each field by itself: what is wrong so far goes on with it, so
/// that all of it is told at once. `T` holds what could be read of each field.
pub struct Told<T>(pub T, pub Wrongs);

impl<T: Input> FromRequest for Told<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let told = read_json(request).and_then(|mut fields| {
            let value = T::read(&mut fields);
            fields.no_more();
            let wrongs = Wrongs(fields.wrong);
            match value {
                Some(value) => Ok(Self(value, wrongs)),
                None => Ok(wrongs.settle(None)?),
            }
        });
        ready(told)
    }
}

/// What is wrong with the fields of a body.
pub struct Wrongs(Vec<FieldError>);

impl Wrongs {
    /// What came of a further check; where it found wrong fields, they are kept for later.
    ///
    /// # Errors
    /// Whatever else it failed with.
    pub fn keep<T>(&mut self, checked: Result<T, Error>) -> Result<Option<T>, Error> {
        match checked {
            Ok(value) => Ok(Some(value)),
            Err(Error::Fields(wrong)) => {
                self.0.extend(wrong);
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    /// The value, where nothing was wrong.
    ///
    /// # Errors
    /// [`Error::Fields`] with everything that was.
    pub fn settle<T>(self, value: Option<T>) -> Result<T, Error> {
        value.filter(|_| self.0.is_empty()).ok_or(Error::Fields(self.0))
    }
}
