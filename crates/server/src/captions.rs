//! The recogniser of speech, from the command line.

use std::sync::Arc;

use anyhow::Context as _;
use captions::{Captioner, EngineConfig};

use crate::cli::CaptionArgs;

/// The packaged engine when it is installed, else none.
const AUTO: &str = "auto";
/// No captions.
const OFF: &str = "off";
/// The packaged engine; an error when it is not installed.
const POCKETSPHINX: &str = "pocketsphinx";

/// The recogniser, or nothing when there is none.
pub(crate) async fn from_arguments(args: &CaptionArgs) -> anyhow::Result<Option<Arc<Captioner>>> {
    let engine = match args.captions.as_str() {
        OFF => None,
        AUTO => {
            let packaged = EngineConfig::pocketsphinx();
            match packaged.check().await {
                Ok(()) => Some(packaged),
                Err(error) => {
                    tracing::info!(%error, "no captions");
                    None
                }
            }
        }
        POCKETSPHINX => {
            let packaged = EngineConfig::pocketsphinx();
            packaged.check().await.context("--captions pocketsphinx")?;
            Some(packaged)
        }
        command => {
            let words = command.split_whitespace().map(str::to_owned).collect();
            let mut engine = EngineConfig::external(words, lower(&args.captions_language));
            engine.translated = lower(&args.captions_translation);
            Some(engine)
        }
    };
    let Some(mut engine) = engine else { return Ok(None) };
    engine.most = args.captions_engines;
    let captioner = Captioner::new(engine).context("--captions")?;
    Ok(Some(Arc::new(captioner)))
}

fn lower(languages: &[String]) -> Vec<String> {
    languages.iter().map(|language| language.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use app::speech::Speech as _;

    use super::*;

    fn args(captions: &str) -> CaptionArgs {
        CaptionArgs {
            captions: captions.to_owned(),
            captions_language: vec!["de-DE".to_owned()],
            captions_translation: vec!["fr".to_owned()],
            captions_engines: 2,
        }
    }

    #[tokio::test]
    async fn an_engine_is_named_by_its_command_and_off_is_none() {
        assert!(from_arguments(&args("off")).await.expect("off is no error").is_none());
        let external = from_arguments(&args("/opt/engine --fast")).await.expect("a command");
        let languages = external.expect("an engine").languages();
        assert_eq!(
            (languages.spoken, languages.translated),
            (vec!["de-de".to_owned()], vec!["fr".to_owned()])
        );
        let mut none = args("/opt/engine");
        none.captions_engines = 0;
        assert!(from_arguments(&none).await.is_err());
    }
}
