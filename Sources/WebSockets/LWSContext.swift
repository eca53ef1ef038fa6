import CWebSockets
import Foundation
import NIOConcurrencyHelpers

/// The libwebsockets context, with the structures that libwebsockets holds pointers to.
///
/// Created before the service thread starts and destroyed by that thread; in between only that thread uses it.
final class LWSContext {
    let context: OpaquePointer
    /// The virtual host of outgoing connections and of accepted ones without TLS. No virtual host here has a listening
    /// socket of libwebsockets'.
    let clientHost: OpaquePointer
    private var secureHost: (files: (certificate: String, key: String), host: OpaquePointer)?

    private let strings = CStrings()
    private let protocols: UnsafeMutablePointer<lws_protocols>
    private let retry: UnsafeMutablePointer<lws_retry_bo_t>

    /// The limit in seconds for a phase of a connection, which libwebsockets would end after 5 s. The timeout of the
    /// ``WebSocketRequest`` is the effective limit.
    static let phaseSeconds: UInt32 = 60

    /// - Parameter user: what `lws_context_user` returns, the unretained ``ServiceThread``.
    /// - Throws: ``WebSocketError`` `other` when no context can be created, `tls` when `caFile` cannot be used.
    init(user: UnsafeMutableRawPointer, caFile: String?) throws(WebSocketError) {
        LWSLog.install()
        _ = LWSLog.take()
        protocols = .allocate(capacity: 2)
        protocols.initialize(repeating: lws_protocols(), count: 2)
        protocols[0].name = strings.copy("ws")
        protocols[0].callback = serviceCallback
        // Chunk sizes in which payload is reported and buffered data is written; no limit for messages.
        protocols[0].rx_buffer_size = 16 << 10
        protocols[0].tx_packet_size = 64 << 10
        // All zero: no pings by libwebsockets, whose intervals are whole seconds and which does not report them.
        retry = .allocate(capacity: 1)
        retry.initialize(to: lws_retry_bo_t())
        var info = lws_context_creation_info()
        info.port = -1
        info.protocols = UnsafePointer(protocols)
        info.options = CLWS_OPTION_EXPLICIT_VHOSTS
        info.gid = -1
        info.uid = -1
        info.user = user
        info.timeout_secs = Self.phaseSeconds
        info.connect_timeout_secs = Self.phaseSeconds
        info.pt_serv_buf_size = 32 << 10
        info.max_http_header_data = 16 << 10
        info.retry_and_idle_policy = UnsafePointer(retry)
        guard let context = Self.createContext(&info) else {
            protocols.deallocate()
            retry.deallocate()
            throw WebSocketError(.other, "libwebsockets could not start: \(LWSLog.take() ?? "no reason given")")
        }
        self.context = context
        do {
            let strings = strings
            let info = Self.hostInfo("plain", strings, protocols, retry)
            clientHost = try Self.makeClientHost(context, info, caFile: caFile.map { ($0, strings.copy($0)) })
        } catch {
            lws_context_destroy(context)
            protocols.deallocate()
            retry.deallocate()
            throw error
        }
    }

    private static let isTLSPrepared = NIOLockedValueBox(false)

    /// Creates a context; the first one of the process initialises OpenSSL.
    ///
    /// Each initialisation replaces the index under which libwebsockets stores its data on OpenSSL's connections
    /// (`openssl_websocket_private_data_index`), so that handshakes in progress in other contexts would fail. Cost: the
    /// certificates of a later context's virtual hosts stay in memory after that context is destroyed.
    private static func createContext(_ info: inout lws_context_creation_info) -> OpaquePointer? {
        isTLSPrepared.withLockedValue { isPrepared in
            if !isPrepared { info.options |= CLWS_OPTION_TLS }
            let context = lws_create_context(&info)
            isPrepared = isPrepared || context != nil
            return context
        }
    }

    /// The fields that all virtual hosts share.
    private static func hostInfo(
        _ name: String, _ strings: CStrings, _ protocols: UnsafeMutablePointer<lws_protocols>,
        _ retry: UnsafeMutablePointer<lws_retry_bo_t>
    ) -> lws_context_creation_info {
        var info = lws_context_creation_info()
        info.vhost_name = strings.copy(name)
        info.protocols = UnsafePointer(protocols)
        // Without a value libwebsockets would take a proxy from the environment and resolve its name on the service
        // thread.
        info.http_proxy_address = strings.copy("")
        info.timeout_secs = phaseSeconds
        info.connect_timeout_secs = phaseSeconds
        info.retry_and_idle_policy = UnsafePointer(retry)
        info.alpn = strings.copy("http/1.1")
        info.options = CLWS_OPTION_TLS
        return info
    }

    private static func makeClientHost(
        _ context: OpaquePointer, _ template: lws_context_creation_info,
        caFile: (path: String, copy: UnsafePointer<CChar>?)?
    ) throws(WebSocketError) -> OpaquePointer {
        if let caFile, !FileManager.default.isReadableFile(atPath: caFile.path) {
            throw WebSocketError(.tls, "the CA file \(caFile.path) cannot be read")
        }
        var info = template
        info.port = -1  // CONTEXT_PORT_NO_LISTEN
        info.client_ssl_ca_filepath = caFile?.copy
        _ = LWSLog.take()
        let host = lws_create_vhost(context, &info)
        let complaint = LWSLog.take()
        guard let host, complaint?.contains("client ssl isn't going to work") != true else {
            throw WebSocketError(.tls, "the TLS client could not be set up: \(complaint ?? "no reason given")")
        }
        return host
    }

    /// The virtual host that accepted connections join: without `tls` the one without TLS, else the one with this
    /// certificate.
    ///
    /// One certificate per event loop: libwebsockets selects a virtual host's certificate by its port, and these
    /// virtual hosts have none.
    /// - Throws: ``WebSocketError`` `tls` for a second certificate, or one that cannot be loaded.
    func serverHost(_ tls: (certificate: String, key: String)?) throws(WebSocketError) -> OpaquePointer {
        guard let tls else { return clientHost }
        if let secureHost {
            guard secureHost.files == tls else {
                throw WebSocketError(.tls, "this loop already serves another certificate; use a loop of its own")
            }
            return secureHost.host
        }
        var info = Self.hostInfo("tls", strings, protocols, retry)
        info.port = -2  // CONTEXT_PORT_NO_LISTEN_SERVER
        info.ssl_cert_filepath = strings.copy(tls.certificate)
        info.ssl_private_key_filepath = strings.copy(tls.key)
        _ = LWSLog.take()
        guard let host = lws_create_vhost(context, &info) else {
            throw WebSocketError(.tls, "the certificate or key is of no use: \(LWSLog.take() ?? "no reason given")")
        }
        secureHost = (tls, host)
        return host
    }

    /// Lets libwebsockets poll a listening socket and report it as readable. The returned connection owns the
    /// descriptor and closes it; nil when libwebsockets refuses it.
    func watch(_ descriptor: Int32) -> OpaquePointer? {
        let file = lws_sock_file_fd_type(filefd: descriptor)
        return lws_adopt_descriptor_vhost(clientHost, LWS_ADOPT_RAW_FILE_DESC, file, "ws", nil)
    }

    /// Starts to connect. The result arrives by callbacks; nil when connecting failed at once.
    func connect(_ connection: LWSConnection, _ attempt: ConnectAttempt) -> OpaquePointer? {
        let strings = CStrings()
        var info = lws_client_connect_info()
        info.context = context
        info.vhost = clientHost
        info.address = strings.copy(attempt.address)
        info.port = Int32(attempt.url.port)
        info.path = strings.copy(attempt.url.target)
        // Host header, SNI and certificate verification use this name, not the address.
        info.host = strings.copy(attempt.url.authority)
        info.ietf_version_or_minus_one = -1
        info.alpn = strings.copy("http/1.1")
        info.opaque_user_data = connection.tag
        info.ssl_connection = Int32(LCCSCF_HTTP_NO_FOLLOW_REDIRECT.rawValue)
        if attempt.url.isSecure { info.ssl_connection |= Int32(LCCSCF_USE_SSL.rawValue) }
        return lws_client_connect_via_info(&info)
    }

    /// Closes all remaining connections, with callbacks during the call. The context must not be used afterwards.
    func destroy() {
        lws_context_destroy(context)
        protocols.deallocate()
        retry.deallocate()
    }
}
