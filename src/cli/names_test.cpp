#include "cli/names.h"

#include <gtest/gtest.h>

#include "models/model_catalogue.h"

namespace saerok {
namespace {

TEST(Names, TheStoreIsWhereTheEnvironmentSays) {
  EXPECT_EQ(default_store({{"HOME", "/h"}}), "/h/.local/share/saerok");
  EXPECT_EQ(default_store({{"HOME", "/h"}, {"XDG_DATA_HOME", "/d"}}), "/d/saerok");
  EXPECT_EQ(default_store({{"HOME", "/h"}, {"XDG_DATA_HOME", "/d"}, {"SAEROK_STORE", "s"}}), "s");
  EXPECT_EQ(default_store({{"HOME", "/h"}, {"SAEROK_STORE", ""}}), "/h/.local/share/saerok");
}

TEST(Names, ARelativeFolderOfTheDesktopStandardIsIgnored) {
  EXPECT_EQ(default_store({{"HOME", "/h"}, {"XDG_DATA_HOME", "d"}}), "/h/.local/share/saerok");
  EXPECT_EQ(default_config_file({{"HOME", "/h"}, {"XDG_CONFIG_HOME", "."}}),
            "/h/.config/saerok/config.toml");
}

TEST(Names, ModelsStandBesideTheDefaultStoreWhereverTheStoreIs) {
  EXPECT_EQ(default_models_directory({{"HOME", "/h"}, {"SAEROK_STORE", "/s"}}),
            "/h/.local/share/saerok/models");
  EXPECT_EQ(default_models_directory({{"XDG_DATA_HOME", "/d"}}), "/d/saerok/models");
}

TEST(Names, TheLabStandsBesideTheStoreUnlessTheEnvironmentNamesIt) {
  EXPECT_EQ(default_lab({{"HOME", "/h"}}), "/h/.local/share/saerok/lab");
  EXPECT_EQ(default_lab({{"HOME", "/h"}, {"SAEROK_LAB", "/l"}}), "/l");
}

TEST(Names, WithoutAHomeTheWorkingFolderIsUsed) {
  EXPECT_EQ(default_store({}), "./.local/share/saerok");
}

}  // namespace
}  // namespace saerok
