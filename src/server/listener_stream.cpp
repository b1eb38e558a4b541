#include "server/listener_stream.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace saerok::server {

namespace asio = boost::asio;

Task<PeerStream::ErrorStatus> PeerStream::encrypt(asio::const_buffer first_bytes) {
  ErrorStatus error;
  co_await encrypted_->async_handshake(asio::ssl::stream_base::server, first_bytes,
                                       asio::redirect_error(asio::use_awaitable, error));
  is_encrypted_ = !error;
  co_return error;
}

Task<void> PeerStream::finish() {
  ErrorStatus ignored;
  if (is_encrypted_) {
    co_await encrypted_->async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
  }
  plain_.socket().shutdown(asio::socket_base::shutdown_send, ignored);
}

}  // namespace saerok::server
