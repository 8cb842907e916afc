//! The stable codes of errors: one enum for each group of endpoints.

/// A group of codes.
pub(super) trait Code: Copy {
    /// Returns the HTTP status, from 400 to 599.
    fn status(self) -> u16;
    /// Returns the stable code.
    fn code(self) -> &'static str;
    /// Returns what is wrong and how to fix it.
    fn sentence(self) -> &'static str;
}

/// A code as the contract lists it: its status, itself, and its sentence.
pub(super) type Listed = (u16, &'static str, &'static str);

/// Groups of codes, for the contract.
pub(super) trait Codes {
    /// Returns all codes.
    fn listed() -> Vec<Listed>;
}

/// Declares a group: one line for each code. A status that is no error does not compile.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $status:literal $code:literal $sentence:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub(in crate::web) enum $name { $($variant),+ }

        impl $crate::web::codes::Code for $name {
            fn status(self) -> u16 {
                match self {
                    $(Self::$variant => const {
                        assert!(400 <= $status && $status <= 599, "the status of an error");
                        $status
                    }),+
                }
            }

            fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence),+ }
            }
        }

        impl $crate::web::codes::Codes for $name {
            fn listed() -> Vec<$crate::web::codes::Listed> {
                vec![$(($status, $code, $sentence)),+]
            }
        }
    };
}
pub(super) use codes;

macro_rules! tuples {
    ($(($($group:ident),+))+) => {
        $(impl<$($group: Codes),+> Codes for ($($group,)+) {
            fn listed() -> Vec<Listed> {
                [$($group::listed()),+].concat()
            }
        })+
    };
}
tuples! { (A, B) (A, B, C) (A, B, C, D) }

codes! {
    /// Any endpoint may return these.
    CommonCode {
        NotFound = 404 "not_found" "We couldn't find that.",
        MethodNotAllowed = 405 "method_not_allowed" "This method isn't allowed here.",
        Internal = 500 "internal" "Something went wrong on our side.",
    }
}

codes! {
    /// The database could not do its part.
    DatabaseCode {
        Broken = 503 "database_unavailable" "We lost the connection to our database, so we can't tell whether this was done. Check before you try again.",
        Unavailable = 503 "database_unavailable" "We can't reach our database right now. Nothing was changed. Try again in a moment.",
        Declined = 500 "database_unavailable" "Something went wrong on our side. Nothing was lost. Try again in a moment.",
        Outdated = 503 "schema_outdated" "We are updating our database. Nothing was changed. Try again in a moment.",
        Inconsistent = 500 "database_inconsistent" "Something went wrong on our side. Nothing was lost. Try again in a moment.",
        Unreadable = 500 "secret_unreadable" "Something went wrong on our side. Nothing was lost. Try again in a moment.",
    }
}

codes! {
    /// The caller is no user.
    UserCode {
        Unauthorized = 401 "unauthorized" "Sign in first. Send the user's token as Authorization: Bearer <JWT>.",
        SignInUnavailable = 503 "sign_in_unavailable" "We can't check your sign-in right now. Try again in a moment.",
    }
}

codes! {
    /// The caller may not call the worker. A missing and a wrong secret get the same response.
    WorkerCode {
        Unauthorized = 401 "unauthorized" "Send the worker's secret as Authorization: Bearer <secret>.",
    }
}

codes! {
    /// The user makes such requests too often.
    RateCode {
        TooMany = 429 "too_many_requests" "You've made too many of these requests in a short time. Try again in a moment.",
    }
}

codes! {
    /// The bytes of the body cannot be read.
    RawCode {
        BodyUnreadable = 400 "body_unreadable" "The body was cut off. Send it again.",
        BodyTooLarge = 413 "body_too_large" "The body is larger than the endpoint takes.",
    }
}

codes! {
    /// The body is not what the endpoint takes.
    BodyCode {
        InvalidJson = 400 "invalid_json" "The body isn't valid JSON.",
        InvalidBody = 422 "invalid_body" "The body must be a JSON object.",
        UnknownField = 422 "unknown_field" "An unknown member.",
        MissingField = 422 "missing_field" "A required member is missing.",
        InvalidField = 422 "invalid_field" "A member has a wrong type or value.",
    }
}

codes! {
    /// The part of a list that was requested does not exist.
    PageCode {
        InvalidCursor = 422 "invalid_cursor" "The cursor must be a nextCursor from this list.",
        InvalidLimit = 422 "invalid_limit" "The limit must be a number from 1 to 100.",
    }
}
