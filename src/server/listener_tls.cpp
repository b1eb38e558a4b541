#include "server/listener_tls.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <cerrno>
#include <cstring>

#include "base/subprocess.h"

namespace saerok::server {
namespace {

namespace ssl = boost::asio::ssl;
using ErrorStatus = boost::system::error_code;

/// A chain of a dozen certificates is some 30 KB.
constexpr std::size_t kPemBytesMax = std::size_t{1} << 20;
/// Under TLS 1.2; those of 1.3 are all sound. Each connection has a key of its own (ECDHE), and
/// what is sent is authenticated together with being encrypted.
constexpr char kCiphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";

enum class Readers : std::uint8_t { anybody, owner_only };

Error refused(const std::string& file, const std::string& why) {
  return {ErrorCode::failed_precondition, file + ": " + why};
}

Result<std::string> read_pem(const std::string& file, const char* setting, Readers readers) {
  const FileDescriptor opened(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info{};
  if (opened.get() < 0 || fstat(opened.get(), &info) != 0) {
    return refused(file, std::string("cannot be read: ") + std::strerror(errno) + "; " + setting +
                             " names it");
  }
  if (!S_ISREG(info.st_mode))
    return refused(file, std::string("is no file; ") + setting + " names it");
  if (readers == Readers::owner_only && (info.st_mode & 077) != 0) {
    return refused(file, "the key may be read by others; make it yours alone with chmod 600");
  }
  std::string text;
  std::array<char, 16'384> buffer;
  ssize_t size = 0;
  while ((size = read(opened.get(), buffer.data(), buffer.size())) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(size));
    if (text.size() > kPemBytesMax)
      return refused(file, "is too large to be a certificate or a key");
  }
  if (size < 0) return refused(file, std::string("cannot be read: ") + std::strerror(errno));
  return text;
}

X509* certificate_of(ssl::context& context) {
  return SSL_CTX_get0_certificate(context.native_handle());
}

bool is_for(X509* certificate, const std::string& name) {
  if (X509_check_ip_asc(certificate, name.c_str(), 0) == 1) return true;
  // Browsers look at no common name.
  return X509_check_host(certificate, name.c_str(), name.size(),
                         X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, nullptr) == 1;
}

}  // namespace

Result<std::unique_ptr<ssl::context>> make_tls_context(const TlsFiles& files) {
  if (files.certificate.empty() || files.key.empty()) {
    return Error{ErrorCode::failed_precondition,
                 "serve.tls_certificate and serve.tls_key belong together, and only one is set"};
  }
  const std::string chain =
      TRY(read_pem(files.certificate, "serve.tls_certificate", Readers::anybody));
  std::string key = TRY(read_pem(files.key, "serve.tls_key", Readers::owner_only));
  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  SSL_CTX* const native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_cipher_list(native, kCiphers);
  ErrorStatus error;
  // Else the library would ask at the terminal.
  context->set_password_callback([](std::size_t, ssl::context::password_purpose) { return ""; },
                                 error);
  if (!error) context->use_certificate_chain(boost::asio::buffer(chain), error);
  if (error) {
    return refused(files.certificate,
                   "holds no certificate in PEM that can be used (" + error.message() + ")");
  }
  context->use_private_key(boost::asio::buffer(key), ssl::context::pem, error);
  OPENSSL_cleanse(key.data(), key.size());
  const bool is_other_key =
      error
          ? ERR_GET_REASON(static_cast<unsigned long>(error.value())) == X509_R_KEY_VALUES_MISMATCH
          : SSL_CTX_check_private_key(native) != 1;  // A key of another kind is taken at first.
  if (is_other_key) {
    return refused(files.key, "is not the key of the certificate in " + files.certificate);
  }
  if (!error) return context;
  return refused(files.key, "holds no private key in PEM without a passphrase (" + error.message() +
                                "); `openssl pkey -in FILE` takes one off");
}

std::string name_of_certificate(ssl::context& context, const std::vector<std::string>& names) {
  X509* const certificate = certificate_of(context);
  const auto named = std::ranges::find_if(
      names, [&](const std::string& name) { return is_for(certificate, name); });
  return named == names.end() ? names.front() : *named;
}

}  // namespace saerok::server
