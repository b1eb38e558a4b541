#include "server/router.h"

#include <utility>

namespace saerok::server {
namespace {

std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);  // '/'
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

std::optional<PathValues> match(std::string_view pattern, std::string_view path) {
  PathValues values;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = take_segment(pattern);
    if (wanted.starts_with('{') && wanted.ends_with("*}")) {
      const std::string_view rest = path.substr(1);
      if (rest.empty()) return std::nullopt;
      values.emplace(wanted.substr(1, wanted.size() - 3), rest);
      return values;
    }
    const std::string_view segment = take_segment(path);
    if (wanted.starts_with('{')) {
      if (segment.empty()) return std::nullopt;
      values.emplace(wanted.substr(1, wanted.size() - 2), segment);
    } else if (segment != wanted) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return values;
}

}  // namespace

void Router::add(std::string method, std::string pattern, Access access, RouteHandler handler) {
  routes_.push_back({std::move(method), std::move(pattern), access, std::move(handler)});
}

Router::Match Router::find(std::string_view method, std::string_view path) const {
  Match found;
  if (!path.starts_with('/')) return found;
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (const Route& route : routes_) {
    auto values = match(route.pattern, path);
    if (!values) continue;
    if (route.method == wanted) {
      found.route = &route;
      found.values = *std::move(values);
      return found;
    }
    found.methods.push_back(route.method);
  }
  return found;
}

}  // namespace saerok::server
