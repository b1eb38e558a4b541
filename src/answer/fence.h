/// How the text of notes stands in a prompt: as material, which cannot end early and gives no
/// orders. What this is not: a promise of what a model makes of it.
#pragma once

#include <string>
#include <string_view>

namespace saerok {

/// The lines before and after the text of a note.
struct Fence {
  std::string begin;
  std::string end;
};

/// With a mark that is a hash of `all`, everything that is sent, so that no note can know it.
Fence fence_of(std::string_view all);

/// The text with a blank inside each control word of chat templates, which a person reads the same.
std::string without_control_words(std::string text);

}  // namespace saerok
