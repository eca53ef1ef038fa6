import CCurl

/// One easy handle and the memory that libcurl holds pointers to while the transfer runs. Used on the loop's thread
/// only.
final class CurlTransfer {
    let exchange: HTTPExchange
    let handle: UnsafeMutableRawPointer
    var deadlines: TransferDeadlines
    /// Whether bytes of the request may have reached the server.
    var isRequestSent = false
    private var head = ResponseHeadReader()
    private var ownFailure: HTTPClient.Failure?
    private var headerList: UnsafeMutablePointer<curl_slist>?

    /// "You must keep the associated buffer available until libcurl no longer needs it … libcurl will need it until you
    /// call curl_easy_cleanup(3)" (https://curl.se/libcurl/c/CURLOPT_ERRORBUFFER.html).
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    /// nil when libcurl cannot allocate a handle.
    init?(_ request: HTTPClient.Request, _ exchange: HTTPExchange) {
        guard let handle = curl_easy_init() else {
            errorText.deallocate()
            return nil
        }
        self.handle = handle
        self.exchange = exchange
        deadlines = TransferDeadlines(request.timeouts, startedAt: .now)
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    /// Frees the handle and its memory. The handle must have been removed from the multi handle; no other function may
    /// be called afterwards.
    ///
    /// The header list must outlive the handle: "you must keep it around until you no longer use this handle for a
    /// transfer" (https://curl.se/libcurl/c/CURLOPT_HTTPHEADER.html).
    func dispose() {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headerList)
        headerList = nil
        errorText.deallocate()
    }

    /// Sets the callbacks and all options. Returns the first error of libcurl, else CURLE_OK.
    func configure(_ request: HTTPClient.Request, _ configuration: HTTPClient.Configuration) -> CURLcode {
        var options = CurlOptions(handle)
        connectCallbacks(&options)
        options.set(CURLOPT_ERRORBUFFER, pointer: errorText)
        options.apply(configuration)
        headerList = options.apply(request)
        return options.status
    }

    /// Continues after a pause. "The write callback might get called before this function returns"
    /// (https://curl.se/libcurl/c/curl_easy_pause.html), and may pause the transfer again.
    func resume() {
        deadlines.resumed(at: .now)
        curl_easy_pause(handle, CURLPAUSE_CONT)
    }

    /// Called before the request is sent on a connection; false ends the transfer. When a connection that was used
    /// before ends without a response, libcurl would send the request again, whatever its method
    /// (`Curl_retry_request` in lib/transfer.c); but the server may have received the first.
    func beginRequest() -> Bool {
        guard !isRequestSent else {
            ownFailure = HTTPClient.Failure.interrupted(exchange.origin)
            return false
        }
        isRequestSent = true
        deadlines.connectionReady()
        return true
    }

    /// Takes one header line with its line end; false ends the transfer, because the headers are too large.
    func receive(headerLine: UnsafeRawBufferPointer) -> Bool {
        switch head.read(headerLine) {
        case .more: break
        case .complete(let head):
            deadlines.headArrived(at: .now)
            exchange.deliver(head)
        case .tooLarge:
            ownFailure = HTTPClient.Failure(.tooLarge, "\(exchange.origin) sent more than 256 KiB of headers")
            return false
        }
        return true
    }

    /// Hands bytes of the body to the exchange and updates the deadlines.
    func receive(body bytes: UnsafeRawBufferPointer) -> HTTPExchange.Delivery {
        let delivery = exchange.deliver(bytes)
        switch delivery {
        case .taken: deadlines.bytesArrived(at: .now)
        case .full: deadlines.paused()
        case .unwanted: break
        }
        return delivery
    }

    /// The failure for a transfer that libcurl ended with `status`.
    func error(for status: CURLcode) -> HTTPClient.Failure {
        if let ownFailure { return ownFailure }
        if status == CURLE_OPERATION_TIMEDOUT { return timeoutError(curlCode: status) }
        let detail = errorText.pointee != 0 ? String(cString: errorText) : String(cString: curl_easy_strerror(status))
        return HTTPClient.Failure(curl: status, detail: detail, origin: exchange.origin, sent: isRequestSent)
    }

    /// The failure for the deadline that comes first.
    func timeoutError(curlCode: CURLcode = CURLE_OPERATION_TIMEDOUT) -> HTTPClient.Failure {
        let (phase, limit) = deadlines.next.map { ($0.phase, $0.limit) } ?? (.total, .zero)
        return HTTPClient.Failure(timeout: phase, after: limit, origin: exchange.origin, sent: isRequestSent)
    }
}
