//! Writing files: never over an input, and there whole or not at all.

use std::fs::{File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::input_at;
use crate::failure::{Failure, Outcome};
use crate::finding::codes;

/// A file that is being written. Until [`Output::commit`] what was there before is as it was.
#[derive(Debug)]
pub(crate) struct Output {
    /// As it was named.
    path: PathBuf,
    file: Option<File>,
    /// Where it is written, and where it goes; a device or pipe is written to as it is.
    moved: Option<(PathBuf, PathBuf, Option<Metadata>)>,
}

impl Output {
    /// Begins a file that is no input of this command.
    pub(crate) fn create(path: &Path) -> Outcome<Self> {
        if let Some(input) = input_at(path) {
            let message = if input == path {
                format!("the output `{}` is also an input", path.display())
            } else {
                format!("the output `{}` is the input `{}`", path.display(), super::name(&input))
            };
            let help = "write to another file; nothing was changed";
            return Err(Failure::of(&codes::SAME_FILE, message).with_help(help));
        }
        Self::begin(path)
    }

    fn begin(path: &Path) -> Outcome<Self> {
        let failed = |error: io::Error| Failure::writing(path.display(), &error);
        // A link stays a link.
        let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let metadata = std::fs::metadata(&target).ok();
        if metadata.as_ref().is_some_and(|metadata| !metadata.is_file()) {
            let file = File::options().write(true).open(&target).map_err(failed)?;
            return Ok(Self { path: path.to_owned(), file: Some(file), moved: None });
        }
        let mut temporary = target.clone().into_os_string();
        temporary.push(format!(".{}.tmp", std::process::id()));
        let temporary = PathBuf::from(temporary);
        let file = File::create(&temporary).map_err(failed)?;
        Ok(Self { path: path.to_owned(), file: Some(file), moved: Some((temporary, target, metadata)) })
    }

    /// Puts the file where it belongs.
    pub(crate) fn commit(mut self) -> Outcome<()> {
        let done = self.finish();
        done.map_err(|error| Failure::writing(self.path.display(), &error))
    }

    fn finish(&mut self) -> io::Result<()> {
        let Some((temporary, target, metadata)) = &self.moved else { return self.flush() };
        self.file = None;
        if let Some(metadata) = metadata {
            std::fs::set_permissions(temporary, metadata.permissions())?;
        }
        std::fs::rename(temporary, target)?;
        self.moved = None;
        Ok(())
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.file {
            Some(file) => file.write(bytes),
            None => Err(io::ErrorKind::WriteZero.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for Output {
    /// What was not finished goes.
    fn drop(&mut self) {
        self.file = None;
        if let Some((temporary, ..)) = &self.moved {
            let _ = std::fs::remove_file(temporary);
        }
    }
}

/// Writes a whole file that is no input of this command.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Outcome<()> {
    fill(Output::create(path)?, bytes)
}

/// Writes back the file that was read, as `check --fix` and `fmt` are asked to.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Outcome<()> {
    fill(Output::begin(path)?, bytes)
}

fn fill(mut output: Output, bytes: &[u8]) -> Outcome<()> {
    let written = output.write_all(bytes);
    written.map_err(|error| Failure::writing(output.path.display(), &error))?;
    output.commit()
}
