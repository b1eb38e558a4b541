// That a secret cannot leave by accident is a matter of types: this compiles, or it does not.

#include "saerok/secret.h"

#include <gtest/gtest.h>

#include <concepts>
#include <ostream>
#include <string_view>
#include <type_traits>
#include <version>

#ifdef __cpp_lib_format
#include <format>
#endif

#include "base/json.h"

namespace saerok {
namespace {

template <class T>
concept Streamable = requires(std::ostream& stream, const T& value) { stream << value; };
template <class T>
concept Joinable = requires(const T& value) { std::string() + value; };
template <class T>
concept Numbered = requires(const T& value) { std::to_string(value); };
template <class T>
concept Ordered = requires(const T& a, const T& b) { a < b; };

static_assert(Streamable<std::string> && Joinable<std::string>, "the concepts see what can be");
static_assert(!Streamable<Secret>);
static_assert(!Joinable<Secret>);
static_assert(!Numbered<Secret>);
static_assert(!Ordered<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_constructible_v<std::string, Secret>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<std::string, Secret>, "a text becomes one by name only");
static_assert(!std::is_constructible_v<Json, Secret>);
static_assert(!std::is_assignable_v<Json&, Secret>);
#ifdef __cpp_lib_format
static_assert(!std::is_default_constructible_v<std::formatter<Secret, char>>);
#endif

TEST(Secret, IsRevealedByThatNameOnly) {
  const Secret key(std::string("sesame"));
  EXPECT_EQ(key.reveal(), "sesame");
  EXPECT_FALSE(key.empty());
  EXPECT_TRUE(Secret().empty());
  EXPECT_TRUE(key == Secret(std::string("sesame")));
  EXPECT_FALSE(key == Secret());
}

}  // namespace
}  // namespace saerok
