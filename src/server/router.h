/// Which function answers which path: a table, so that the list of routes, the OpenAPI document and
/// the tests of access all see the same.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "saerok/result.h"
#include "server/exchange.h"
#include "server/guard.h"

namespace saerok::server {

/// The parts of a path that stand for {names} of its pattern.
using PathValues = std::map<std::string, std::string, std::less<>>;

/// An Error becomes a problem document.
using RouteHandler = std::function<Result<Response>(Exchange& exchange, const PathValues& values)>;

struct Route {
  std::string method;
  std::string pattern;  ///< "/v1/saerok/jobs/{id}"; "{path*}" at the end takes the rest.
  Access access = Access::token;
  RouteHandler handler;
};

class Router {
 public:
  void add(std::string method, std::string pattern, Access access, RouteHandler handler);
  void add(std::string method, std::string pattern, RouteHandler handler) {
    add(std::move(method), std::move(pattern), Access::token, std::move(handler));
  }

  struct Match {
    const Route* route = nullptr;  ///< Null: `methods` says what there is at that path.
    PathValues values;
    std::vector<std::string> methods;
  };
  /// HEAD is answered by GET.
  Match find(std::string_view method, std::string_view path) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace saerok::server
