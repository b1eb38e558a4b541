/// A request and what is answered to it, without the library that carries them (listener.h): what
/// the routes are written against and what their tests make by hand.
#pragma once

#include <cstddef>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace saerok::server {

struct Header {
  std::string name;  ///< Lower case in a request; as it is to be sent in a response.
  std::string value;
};

/// Where the request came from.
enum class Carrier : std::uint8_t {
  loopback,     ///< TCP: any program of this machine, and any web page through a browser.
  unix_socket,  ///< A file that only its owner may open: the user.
};

struct Request {
  std::string method;  ///< Upper case.
  std::string target;  ///< As it was sent.
  std::string path;    ///< Of the target, percent-decoded by segment; "" where it is malformed.
  std::map<std::string, std::string, std::less<>>
      query;  ///< Decoded; of a name given twice the last.
  std::vector<Header> headers;
  std::string body;
  Carrier carrier = Carrier::loopback;

  /// The first of that name (in lower case), or empty.
  std::string_view header(std::string_view name) const;
  std::size_t count_header(std::string_view name) const;
};

/// Fills path and query from the target. False where it is no "/path?query" in sound UTF-8.
bool parse_target(Request& request);

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<Header> headers;
};

/// One request under way. Used by the thread that answers it.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual const Request& request() const = 0;
  /// Stops when the peer has gone, or the daemon ends.
  virtual std::stop_token stop() const = 0;
  /// Sends the head of a body of unknown length. Once, before send(); of the response that is
  /// returned afterwards nothing is sent any more.
  virtual void begin_stream(const Response& head) = 0;
  /// Waits while the peer reads too slowly; false once it has gone, after which nothing is sent.
  virtual bool send(std::string_view bytes) = 0;
};

}  // namespace saerok::server
