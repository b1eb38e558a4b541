/// A key or a token: kept like any value, and impossible to print, format, join to a text or write
/// as JSON without saying reveal(). What this is not: encryption, or memory that is wiped.
#pragma once

#include <string>
#include <utility>

namespace saerok {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  bool empty() const { return value_.empty(); }
  /// The one way to the text: for what sends it or writes it to its own file.
  const std::string& reveal() const { return value_; }

  bool operator==(const Secret&) const = default;

 private:
  std::string value_;
};

}  // namespace saerok
