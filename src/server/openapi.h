/// docs/openapi.json, embedded when the program was built.
#pragma once

#include <string_view>

namespace saerok::server {

std::string_view openapi_document();

}  // namespace saerok::server
