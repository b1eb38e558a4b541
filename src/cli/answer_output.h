/// An answer for people: what stands around its text, which was printed as it came. What this is
/// not: JSON (json_output.h).
#pragma once

#include "cli/terminal.h"
#include "saerok/requests.h"

namespace saerok {

/// A sink that prints the text of an answer as it grows, and before that, unless `quiet`, how much
/// of its prompt a local model has read.
AnswerSink print_text_sink(bool quiet);

/// Who made the answer, what of it is hardly borne out, and proposed filters.
void print_answer_notes(const AskResponse& response, const Style& style);

/// The sources that are cited, each with what was quoted; all of them where none is.
void print_sources(const AskResponse& response, const Style& style);

/// What was decided and why, what was searched for, and the stages with their times.
void print_why(const AskResponse& response, const Style& style);

}  // namespace saerok
