//! The data directory, when the doctor runs beside the server. Nothing is written.

use std::path::Path;

use store::{Inspection, OpenError};

use super::report::Finding;

/// The schema of the store, and whether it can be read.
pub(super) async fn check(data: &Path) -> Finding {
    let path = data.join("anteroom.sqlite");
    judge(&path, store::inspect(&path).await)
}

fn judge(path: &Path, inspected: Result<Inspection, OpenError>) -> Finding {
    const NAME: &str = "store";
    let shown = path.display();
    match inspected {
        Err(error) => Finding::fail(NAME, error.to_string(), "check the path (--data), its permissions and the disk"),
        Ok(inspection) if !inspection.unknown.is_empty() => Finding::fail(
            NAME,
            format!(
                "{shown} was written by a newer version (migrations {:?} are not known here)",
                inspection.unknown
            ),
            "run the newer version, or restore a backup of before",
        ),
        Ok(inspection) if !inspection.broken.is_empty() => Finding::fail(
            NAME,
            format!("{shown}: migrations {:?} did not get through", inspection.broken),
            "restore a backup of before, and start again",
        ),
        Ok(inspection) if !inspection.missing.is_empty() => Finding::warn(
            NAME,
            format!("{shown} lacks {} migrations", inspection.missing.len()),
            "the next start of the server makes them; make a backup before",
        ),
        Ok(inspection) => Finding::ok(NAME, format!("{shown} can be read; all {} migrations are made", inspection.made)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::report::Status;

    #[test]
    fn a_store_is_judged_by_its_migrations() {
        let status = |change: fn(&mut Inspection)| {
            let mut inspection = Inspection {
                made: 3,
                missing: Vec::new(),
                unknown: Vec::new(),
                broken: Vec::new(),
            };
            change(&mut inspection);
            judge(Path::new("x"), Ok(inspection)).status
        };
        assert_eq!(status(|_| ()), Status::Ok);
        assert_eq!(status(|inspection| inspection.missing.push(4)), Status::Warn);
        assert_eq!(status(|inspection| inspection.unknown.push(99)), Status::Fail);
        assert_eq!(status(|inspection| inspection.broken.push(2)), Status::Fail);
    }
}
