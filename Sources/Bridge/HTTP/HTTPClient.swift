package import Logging
import ServiceLifecycle

extension HTTPClient {
    /// How a client reaches the world; the same for all its requests.
    package struct Configuration: Sendable {
        /// PEM file of the authorities to trust; nil for those of the system.
        package var caFile: String?
        /// Proxy for all requests, e.g. `http://proxy:3128`; nil for `http_proxy`, `https_proxy` and `no_proxy` of the
        /// environment (https://curl.se/libcurl/c/libcurl-env.html), empty for none at all.
        package var proxy: String?
        /// Open connections to one host:port; more requests wait for a free one. Over HTTP/2 one carries up to 100.
        package var maxConnectionsPerHost: Int
        package var userAgent: String

        package init(
            caFile: String? = nil, proxy: String? = nil, maxConnectionsPerHost: Int = 32, userAgent: String = "omni"
        ) {
            self.caFile = caFile
            self.proxy = proxy
            self.maxConnectionsPerHost = maxConnectionsPerHost
            self.userAgent = userAgent
        }
    }
}

/// HTTP/1.1 and HTTP/2 with kept connections; libcurl on a thread of its own.
///
/// Works from its making until ``shutdown()``. As a service it only waits for the graceful shutdown and then shuts
/// down, so it belongs before its users in the list of a service group, which stops in reverse. Keep it until the last
/// response is read: without its client a running response ends as `closed`.
///
/// Redirects are responses like others; nothing is sent again by itself.
package final class HTTPClient: Service, Sendable {
    private let loop: CurlLoop
    private let logger: Logger

    package init(_ configuration: HTTPClient.Configuration = .init(), logger: Logger) {
        loop = CurlLoop(configuration)
        self.logger = logger
    }

    deinit { loop.stop() }

    /// Sends a request and returns as soon as the head of the response has arrived, whatever its status.
    ///
    /// Cancelling the task closes the transfer.
    /// - Throws: ``HTTPClient/Failure``, or `CancellationError`.
    package func send(_ request: consuming HTTPClient.Request) async throws -> HTTPClient.Response {
        let origin = try HTTPOrigin.checked(request)
        let exchange = HTTPExchange(request, origin: origin, loop: loop)
        let start = ContinuousClock.now
        do {
            let head = try await exchange.send()
            logger.debug(
                "response head",
                metadata: [
                    "http_origin": "\(origin)", "http_status": "\(head.status)",
                    "duration": "\(ContinuousClock.now - start)",
                ])
            return HTTPClient.Response(status: head.status, headers: head.headers, body: HTTPClient.Body(exchange))
        } catch {
            logger.debug("no response", metadata: ["http_origin": "\(origin)", "error": "\(error)"])
            throw error
        }
    }

    /// Waits for the graceful shutdown (or the task's cancellation), then shuts down.
    package func run() async throws {
        try? await gracefulShutdown()  // throws only when cancelled, which means the same here
        await shutdown()
    }

    /// Ends all running requests with `closed` and waits until the thread has let go of its connections. Idempotent.
    package func shutdown() async {
        loop.stop()
        await loop.join()
    }
}
