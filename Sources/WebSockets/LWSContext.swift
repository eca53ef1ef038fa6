import CWebSockets
import Foundation
import NIOConcurrencyHelpers

/// The structures that libwebsockets keeps pointers to, and the context made from them.
///
/// Made before the service thread and destroyed by it; in between that thread alone uses it.
final class LWSContext {
    let context: OpaquePointer
    /// The virtual host of outgoing and of accepted plain connections. None of our hosts listens by itself.
    let clientHost: OpaquePointer
    private var secureHost: (files: (certificate: String, key: String), host: OpaquePointer)?

    private let strings = CStrings()
    private let protocols: UnsafeMutablePointer<lws_protocols>
    private let retry: UnsafeMutablePointer<lws_retry_bo_t>

    /// Phases of a connection that libwebsockets would end after 5 s; the deadline of a request rules instead.
    static let phaseSeconds: UInt32 = 60

    init(user: UnsafeMutableRawPointer, caFile: String?) throws(WebSocketError) {
        LWSLog.install()
        _ = LWSLog.take()
        protocols = .allocate(capacity: 2)
        protocols.initialize(repeating: lws_protocols(), count: 2)
        protocols[0].name = strings.copy("ws")
        protocols[0].callback = serviceCallback
        // The size of the chunks in which payload is reported and buffered writes go on, not a limit of messages.
        protocols[0].rx_buffer_size = 16 << 10
        protocols[0].tx_packet_size = 64 << 10
        // All zero: no pings by the library, which knows whole seconds only and does not report them.
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

    /// Creates a context; the first one of the process prepares OpenSSL.
    ///
    /// Every preparation gives libwebsockets another index for the data that it hangs on OpenSSL's connections
    /// (`openssl_websocket_private_data_index`), and handshakes that are under way in other contexts would fail.
    /// The price: the certificates of a second loop's hosts stay in memory after that loop.
    private static func createContext(_ info: inout lws_context_creation_info) -> OpaquePointer? {
        isTLSPrepared.withLockedValue { isPrepared in
            if !isPrepared { info.options |= CLWS_OPTION_TLS }
            let context = lws_create_context(&info)
            isPrepared = isPrepared || context != nil
            return context
        }
    }

    /// The members that every virtual host shares.
    private static func hostInfo(
        _ name: String, _ strings: CStrings, _ protocols: UnsafeMutablePointer<lws_protocols>,
        _ retry: UnsafeMutablePointer<lws_retry_bo_t>
    ) -> lws_context_creation_info {
        var info = lws_context_creation_info()
        info.vhost_name = strings.copy(name)
        info.protocols = UnsafePointer(protocols)
        // Without a value here the library would take a proxy from the environment and look its name up on this thread.
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

    /// The host that accepted connections join: the plain one, or the one with this certificate.
    ///
    /// One certificate for each loop: libwebsockets chooses between the certificates of hosts by their port, and our
    /// hosts have none.
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

    /// Reports when a listening socket is readable; the socket is closed with the returned connection.
    func watch(_ descriptor: Int32) -> OpaquePointer? {
        let file = lws_sock_file_fd_type(filefd: descriptor)
        return lws_adopt_descriptor_vhost(clientHost, LWS_ADOPT_RAW_FILE_DESC, file, "ws", nil)
    }

    /// Starts to connect; the outcome comes by callbacks, or nil when it failed at once.
    func connect(_ connection: LWSConnection, _ attempt: ConnectAttempt) -> OpaquePointer? {
        let strings = CStrings()
        var info = lws_client_connect_info()
        info.context = context
        info.vhost = clientHost
        info.address = strings.copy(attempt.address)
        info.port = Int32(attempt.url.port)
        info.path = strings.copy(attempt.url.target)
        // Host header, SNI and the name in the certificate all come from here, not from the address.
        info.host = strings.copy(attempt.url.authority)
        info.ietf_version_or_minus_one = -1
        info.alpn = strings.copy("http/1.1")
        info.opaque_user_data = Unmanaged.passUnretained(connection).toOpaque()
        info.ssl_connection = Int32(LCCSCF_HTTP_NO_FOLLOW_REDIRECT.rawValue)
        if attempt.url.isSecure { info.ssl_connection |= Int32(LCCSCF_USE_SSL.rawValue) }
        return lws_client_connect_via_info(&info)
    }

    /// Closes whatever is left; callbacks come from inside. The library must not be used any more.
    func destroy() {
        lws_context_destroy(context)
        protocols.deallocate()
        retry.deallocate()
    }
}
