// Editing the config file by lines, so that a person's comments and order stay.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/posix_env.h"
#include "saerok/config.h"

namespace saerok {
namespace {

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// "search.bm25" of "[search.bm25]  # comment"; nothing where the line opens no table.
std::optional<std::string> table_of(std::string_view line) {
  line = trim(line);
  if (!line.starts_with('[') || line.starts_with("[[")) return std::nullopt;
  const std::size_t end = line.find(']');
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(trim(line.substr(1, end - 1)));
}

/// The key of "k1 = 0.9"; empty where the line has none.
std::string_view key_of(std::string_view line) {
  line = trim(line);
  const std::size_t equals = line.find('=');
  if (line.starts_with('#') || equals == std::string_view::npos) return {};
  return trim(line.substr(0, equals));
}

std::string quote(const std::string& value) {
  // Numbers are written bare, as a person would.
  const bool is_number = !value.empty() &&
                         value.find_first_not_of("0123456789.") == std::string::npos &&
                         value.front() != '.' && value.back() != '.';
  if (is_number) return value;
  std::string text = "\"";
  for (const char letter : value) {
    if (letter == '"' || letter == '\\') text += '\\';
    if (static_cast<unsigned char>(letter) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", letter);
      text += escape;
    } else {
      text += letter;
    }
  }
  return text + "\"";
}

class Lines {
 public:
  explicit Lines(const std::string& text) {
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines_.push_back(line);
  }

  void change(const std::string& name, const std::optional<std::string>& value) {
    const std::size_t dot = name.rfind('.');
    const std::string table = name.substr(0, dot);
    const std::string key = name.substr(dot + 1);
    std::string current;
    std::optional<std::size_t> table_end;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (auto opened = table_of(lines_[i])) current = *std::move(opened);
      const std::string_view found = key_of(lines_[i]);
      const std::string full =
          current.empty() ? std::string(found) : current + "." + std::string(found);
      if (!found.empty() && full == name) {
        if (value) lines_[i] = std::string(found) + " = " + quote(*value);
        else lines_.erase(lines_.begin() + static_cast<std::ptrdiff_t>(i));
        return;
      }
      if (current == table && !trim(lines_[i]).empty()) table_end = i + 1;
    }
    if (!value) return;
    const std::string line = key + " = " + quote(*value);
    if (table_end) {
      lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(*table_end), line);
      return;
    }
    if (!lines_.empty() && !trim(lines_.back()).empty()) lines_.emplace_back();
    lines_.push_back("[" + table + "]");
    lines_.push_back(line);
  }

  std::string text() const {
    std::string text;
    for (const std::string& line : lines_) text += line + "\n";
    return text;
  }

 private:
  std::vector<std::string> lines_;
};

Status write_whole(const std::string& file, const std::string& text) {
  const auto opened = TRY(posix_env().open(file, FileAccess::create));
  TRY(opened->truncate(0));
  TRY(opened->write_at(as_byte_span(text), 0));
  return opened->sync();
}

/// The settings of the file alone, as texts.
Result<std::map<std::string, std::string>> values_in(const std::string& file) {
  Settings settings;
  SettingSources sources;
  TRY(apply_config_file(file, settings, sources));
  std::map<std::string, std::string> values;
  for (const SettingValue& row : list_settings(settings, sources)) {
    if (row.source != "default") values[row.name] = row.value;
  }
  return values;
}

/// A value as list_settings() shows it.
Result<std::string> shown(const std::string& name, const std::string& value) {
  Settings settings;
  TRY(set_setting(settings, name, value));
  for (const SettingValue& row : list_settings(settings, {})) {
    if (row.name == name) return row.value;
  }
  return value;
}

}  // namespace

Status change_config_file(const std::string& file,
                          const std::map<std::string, std::optional<std::string>>& changes) {
  auto wanted = TRY(values_in(file));
  for (const auto& [name, value] : changes) {
    if (value) wanted[name] = TRY(shown(name, *value));
    else wanted.erase(name);
  }
  std::ifstream stream(file, std::ios::binary);
  Lines lines(std::string(std::istreambuf_iterator<char>(stream), {}));
  for (const auto& [name, value] : changes) lines.change(name, value);
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(file).parent_path(), error);
  const std::string scratch = file + ".new";
  TRY(write_whole(scratch, lines.text()));
  // What a person wrote may state a setting in a form that these lines do not see (an inline table,
  // a dotted key in quotes): then nothing is changed.
  const auto now = values_in(scratch);
  if (!now || *now != wanted) {
    std::filesystem::remove(scratch, error);
    return Error{ErrorCode::failed_precondition,
                 "the settings in " + file +
                     " are written in a form that cannot be changed from "
                     "here; change them there"};
  }
  return posix_env().rename(scratch, file);
}

}  // namespace saerok
