package import Logging
import ServiceLifecycle

extension HTTPClient {
    /// Settings for all requests of a client.
    package struct Configuration: Sendable {
        /// PEM file of the authorities to trust; nil for those of the system.
        package var caFile: String?
        /// Proxy for all requests, e.g. `http://proxy:3128`; nil for `http_proxy`, `https_proxy` and `no_proxy` of the
        /// environment (https://curl.se/libcurl/c/libcurl-env.html), empty for no proxy.
        package var proxy: String?
        /// The most open connections to one host:port, 1 to 10,000; further requests wait for a free one. Over HTTP/2
        /// one connection carries up to 100 requests.
        package var maxConnectionsPerHost: Int
        /// The value of the header `User-Agent`.
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

/// HTTP/1.1 and HTTP/2 client with persistent connections, on libcurl, which runs on one thread of its own.
///
/// Takes requests from `init` until ``shutdown()``. As a service it only waits for the graceful shutdown and then shuts
/// down, so it must stand before its users in the list of a service group, which stops in reverse order. Hold a
/// reference until the last response is read: releasing the client ends running responses with `closed`.
///
/// Redirects are returned as responses and not followed; no request is retried.
package final class HTTPClient: Service, Sendable {
    private let loop: CurlLoop
    private let logger: Logger

    /// Starts the thread. `logger` gets one debug message a request, with host:port, status and duration.
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
        try? await gracefulShutdown()  // throws only when cancelled, which is handled the same way
        await shutdown()
    }

    /// Ends all running requests with `closed` and returns when the thread has closed its connections. Idempotent.
    package func shutdown() async {
        loop.stop()
        await loop.join()
    }
}
