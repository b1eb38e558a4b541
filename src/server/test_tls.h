/// For tests: certificates made on the spot, and a peer that speaks TLS.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "server/listener.h"

namespace saerok::server {

template <auto kFree>
struct OpensslDeleter {
  template <class T>
  void operator()(T* what) const {
    kFree(what);
  }
};
using PemText = std::unique_ptr<BIO, OpensslDeleter<&BIO_free_all>>;
using TestKey = std::unique_ptr<EVP_PKEY, OpensslDeleter<&EVP_PKEY_free>>;
using TestCertificate = std::unique_ptr<X509, OpensslDeleter<&X509_free>>;

inline std::string text_of(BIO* pem) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(pem, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

/// A self-signed certificate, in PEM.
inline std::string certificate_for(EVP_PKEY* key, const std::string& alternative_names) {
  const TestCertificate certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3'600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3'600);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  const auto* common = reinterpret_cast<const unsigned char*>("a test of saerok");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_EXTENSION* const names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternative_names.c_str());
  X509_add_ext(certificate.get(), names, -1);
  X509_EXTENSION_free(names);
  X509_sign(certificate.get(), key, EVP_sha256());
  const PemText pem(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(pem.get(), certificate.get());
  return text_of(pem.get());
}

inline std::string pem_of(EVP_PKEY* key, const char* passphrase = nullptr) {
  const PemText pem(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(pem.get(), key, passphrase == nullptr ? nullptr : EVP_aes_128_cbc(),
                                nullptr, 0, nullptr,
                                const_cast<char*>(passphrase));  // NOLINT(*-const-cast)
  return text_of(pem.get());
}

inline void write_private(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
  ASSERT_EQ(chmod(path.c_str(), 0600), 0);
}

/// Certificate and key in two files of `folder`, which exists.
inline TlsFiles make_tls_files(const std::string& folder, const std::string& alternative_names =
                                                              "DNS:localhost,IP:127.0.0.1") {
  const TestKey key(EVP_EC_gen("P-256"));
  TlsFiles files{.certificate = folder + "/certificate.pem", .key = folder + "/key.pem"};
  write_private(files.certificate, certificate_for(key.get(), alternative_names));
  write_private(files.key, pem_of(key.get()));
  return files;
}

/// A client that trusts anybody; sends what it is told and reads until the end, or for ten seconds.
class TlsPeer {
 public:
  explicit TlsPeer(std::uint16_t port, int newest_version = TLS1_3_VERSION)
      : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
        context_(SSL_CTX_new(TLS_client_method())) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const timeval patience{10, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    std::signal(SIGPIPE, SIG_IGN);                  // The library writes to those who have hung up.
    SSL_CTX_set_security_level(context_.get(), 0);  // Or it would not offer what is to be refused.
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_.get(), newest_version);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), fd_);
    is_connected_ = SSL_connect(ssl_.get()) == 1;
  }
  ~TlsPeer() { hang_up(); }
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;

  bool is_connected() const { return is_connected_; }
  std::string version() const { return SSL_get_version(ssl_.get()); }
  /// As browsers do: a record that says so, then the end.
  void hang_up() {
    if (fd_ < 0) return;
    SSL_shutdown(ssl_.get());
    close(std::exchange(fd_, -1));
  }
  void send(std::string_view bytes) {
    SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  }
  std::string read_all() {
    std::string text;
    while (read_more(text)) {
    }
    return text;
  }
  std::string read_until(std::string_view end) {
    std::string text;
    while (text.find(end) == std::string::npos && read_more(text)) {
    }
    return text;
  }
  /// Whether the end came as TLS says it should, so that nobody can have cut the answer short.
  bool ended_soundly() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }

 private:
  bool read_more(std::string& text) {
    char buffer[4'096];
    const int size = SSL_read(ssl_.get(), buffer, sizeof buffer);
    if (size > 0) text.append(buffer, static_cast<std::size_t>(size));
    return size > 0;
  }

  int fd_;
  std::unique_ptr<SSL_CTX, OpensslDeleter<&SSL_CTX_free>> context_;
  std::unique_ptr<SSL, OpensslDeleter<&SSL_free>> ssl_;
  bool is_connected_ = false;
};

}  // namespace saerok::server
