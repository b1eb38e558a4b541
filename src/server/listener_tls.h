/// The daemon's certificate and key, as what connections are encrypted with. A part of the
/// listener, of use to nobody else.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "saerok/result.h"
#include "server/listener.h"

namespace saerok::server {

/// TLS 1.2 and newer, with the certificates of the one file (PEM, the daemon's own first, then
/// those that lead to a root) and the key of the other (PEM, without a passphrase). Errors:
/// failed_precondition (a file that is not there or cannot be read, that holds something else, a
/// key that others may read, a key of another certificate), each with the file and the cure.
Result<std::unique_ptr<boost::asio::ssl::context>> make_tls_context(const TlsFiles& files);

/// The first of `names` (host names or addresses) that the certificate was made for; the first of
/// all where it was made for none of them.
std::string name_of_certificate(boost::asio::ssl::context& context,
                                const std::vector<std::string>& names);

}  // namespace saerok::server
