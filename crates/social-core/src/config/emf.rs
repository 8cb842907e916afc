//! Whether the worker writes metrics for CloudWatch.

use super::reader::Reader;

impl Reader<'_> {
    /// Returns the function's name in CloudWatch; `None`: the worker writes no metrics.
    pub(super) fn emf(&mut self) -> Option<String> {
        match self.optional("METRICS").as_deref() {
            None => None,
            Some("emf") => {
                let remedy = "AWS Lambda sets it. Leave METRICS unset everywhere else";
                self.required("AWS_LAMBDA_FUNCTION_NAME", remedy)
            }
            Some(_) => {
                self.problem("METRICS", "must be emf or unset");
                None
            }
        }
    }
}
