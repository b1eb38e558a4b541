/// Notes, indexed by words, for the tests of the daemon over them.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "running_daemon.h"

namespace saerok {

/// Its tests start the daemon themselves: with arguments, or after something was written.
struct ServeTest : testing::Test {
  Home home;
  std::string notes;

  void SetUp() override {
    notes = home.path("notes").string();
    home.write("notes/kimchi.md",
               "---\ntags: [cooking]\n---\n# 김치찌개\n\n묵은지와 돼지고기로 끓인다. 쌀뜨물은 "
               "700밀리리터.\n");
    home.write("notes/boiler.md", "# Boiler\n\nThe boiler was serviced on 3 March 2024.\n");
    // Nothing here is to wait for a model.
    home.write(".config/saerok/config.toml", "[index]\nvectors = \"none\"\n");
    ASSERT_EQ(home.run({"index", notes}).status, 0);
  }
};

inline std::string header_of(const HttpResponse& response, std::string_view name) {
  return std::string(response.header(name));
}

}  // namespace saerok
