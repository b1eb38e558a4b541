/// A connection's bytes, as they are or under TLS: one type, so that what reads and writes HTTP is
/// written once. A part of the listener, of use to nobody else.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core.hpp>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

namespace saerok::server {

template <class T>
using Task = boost::asio::awaitable<T>;
using PlainStream = boost::beast::basic_stream<boost::asio::generic::stream_protocol>;

/// An AsyncReadStream and AsyncWriteStream with deadlines: one read and one write at a time, on the
/// listener's thread. Stays where it is made, as the TLS layer refers to the plain one.
class PeerStream {
 public:
  using executor_type = PlainStream::executor_type;
  using ErrorStatus = boost::system::error_code;

  /// `tls` outlives the stream; null: nothing is encrypted.
  PeerStream(PlainStream plain, boost::asio::ssl::context* tls) : plain_(std::move(plain)) {
    if (tls != nullptr) encrypted_.emplace(plain_, *tls);
  }
  PeerStream(const PeerStream&) = delete;
  PeerStream& operator=(const PeerStream&) = delete;

  executor_type get_executor() { return plain_.get_executor(); }

  /// Whether encrypt() is still to come; until then bytes go as they are.
  bool awaits_encryption() const { return encrypted_ && !is_encrypted_; }
  bool is_encrypted() const { return is_encrypted_; }

  /// The handshake, of which the peer has sent `first_bytes` already.
  Task<ErrorStatus> encrypt(boost::asio::const_buffer first_bytes);
  /// Says that nothing more comes. Under TLS that waits for the peer to say the same, to the
  /// deadline.
  Task<void> finish();

  /// Deadlines of what is begun afterwards; one that passes closes the connection.
  void expires_after(std::chrono::milliseconds time) { plain_.expires_after(time); }
  void expires_never() { plain_.expires_never(); }
  /// Ends what waits, with operation_aborted.
  void cancel() { plain_.cancel(); }
  int native_handle() { return plain_.socket().native_handle(); }

  template <class Token>
  using Outcome = typename boost::asio::async_result<std::decay_t<Token>,
                                                     void(ErrorStatus, std::size_t)>::return_type;

  template <class Buffers, class Token>
  Outcome<Token> async_read_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(ErrorStatus, std::size_t)>(
        [this](auto handler, const Buffers& into) {
          if (is_encrypted_) encrypted_->async_read_some(into, std::move(handler));
          else plain_.async_read_some(into, std::move(handler));
        },
        token, buffers);
  }
  template <class Buffers, class Token>
  Outcome<Token> async_write_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(ErrorStatus, std::size_t)>(
        [this](auto handler, const Buffers& from) {
          if (is_encrypted_) encrypted_->async_write_some(from, std::move(handler));
          else plain_.async_write_some(from, std::move(handler));
        },
        token, buffers);
  }

 private:
  PlainStream plain_;
  std::optional<boost::asio::ssl::stream<PlainStream&>> encrypted_;
  bool is_encrypted_ = false;
};

}  // namespace saerok::server
