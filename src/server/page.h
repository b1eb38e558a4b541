/// The page's files, embedded in the program when it was built (cmake/web.cmake).
#pragma once

#include <span>
#include <string_view>

namespace saerok::server {

struct PageFile {
  std::string_view path;  ///< "/assets/index-1a2b3c.js"; the page itself is "/".
  std::string_view content_type;
  std::string_view gzip;      ///< The bytes, compressed.
  bool is_immutable = false;  ///< Its name changes with its content.
};

/// Empty in a build without Node.
std::span<const PageFile> page_files();

}  // namespace saerok::server
