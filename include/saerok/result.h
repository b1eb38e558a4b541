/// Errors as values: Error, Result<T>, Status and TRY.
///
/// In saerok failure is ordinary and partial (a model times out, one file of ten thousand is
/// broken, the user pressed stop), so it is a value that signatures show. Programmer errors are
/// ASSERTs, never Errors. The member names are those of std::expected, which GCC 12 lacks in C++20.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "saerok/export.h"

namespace saerok {

/// Why an operation could not be carried out. One code, one reaction of the caller.
enum class ErrorCode : std::uint8_t {
  invalid_argument,  ///< The request can never succeed as it stands.                HTTP 400  exit
                     ///< 2
  not_found,  ///< What it names does not exist.                              HTTP 404  exit 3
  failed_precondition,  ///< Right request, wrong state; the message says what to do.   HTTP 409
                        ///< exit 4
  corrupt,      ///< Stored bytes fail their checksum or their grammar.         HTTP 500  exit 5
  unavailable,  ///< A disk, model or peer did not answer; retrying may help.   HTTP 503  exit 6
  deadline_exceeded,  ///< The call's deadline passed.                                HTTP 504  exit
                      ///< 7
  cancelled,     ///< The caller asked to stop.                                  HTTP 499  exit 130
  out_of_space,  ///< The disk is full; the message says what is needed.         HTTP 507  exit 8
  too_many,      ///< A queue or a rate limit is full; try again later.          HTTP 429  exit 6
};

/// The name of a code as it appears in JSON and in documentation, for example "not_found".
SAEROK_API std::string_view name_of(ErrorCode code);
/// The process exit status for a code, 2 to 8 or 130.
SAEROK_API int exit_status(ErrorCode code);
/// The HTTP status for a code.
SAEROK_API int http_status(ErrorCode code);

struct Error {
  ErrorCode code;
  std::string message;  ///< A sentence for a person: what failed, on what, what to do.
};

/// A T, or the Error that says why there is none.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit by design
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT
  template <class U>
    requires(!std::is_same_v<U, T> && std::is_convertible_v<U, T>)
  Result(U&& value) : state_(std::in_place_index<0>, T(std::forward<U>(value))) {}  // NOLINT

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  /// Requires has_value().
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  /// By value: a reference into a temporary would not outlive a range-for's head.
  T value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  template <class U>
  T value_or(U&& other) const& {
    return has_value() ? value() : static_cast<T>(std::forward<U>(other));
  }

  /// Requires !has_value().
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

/// Success, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)), failed_(true) {}  // NOLINT: implicit by design

  bool has_value() const { return !failed_; }
  explicit operator bool() const { return !failed_; }
  void value() const {}
  const Error& error() const& { return error_; }
  Error&& error() && { return std::move(error_); }

 private:
  Error error_{};
  bool failed_ = false;
};

using Status = Result<void>;

}  // namespace saerok

/// The value of the Result given; if that holds an Error, returns it from the enclosing function.
/// A statement expression (GCC, clang). One TRY to a statement.
#define TRY(...)                                             \
  __extension__({                                            \
    auto try_result_ = (__VA_ARGS__);                        \
    if (!try_result_) return std::move(try_result_).error(); \
    std::move(try_result_).value();                          \
  })
