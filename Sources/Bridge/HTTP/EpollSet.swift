import CCurl
import Glibc
import NIOConcurrencyHelpers

/// One epoll instance with the sockets that libcurl wants watched, and an eventfd with which other threads end a wait.
/// `curl_multi_poll` and `curl_multi_perform` instead would poll every transfer at each wake-up, at a cost in
/// proportion to the number of transfers.
///
/// Created, used and closed on the loop's thread; `wakeup` may be signalled from any thread.
final class EpollSet {
    /// Ends a wait in ``EpollSet/wait(milliseconds:_:)``, or the next one when none is under way.
    struct Wakeup: Sendable {
        fileprivate let descriptor: Int32

        func signal() {
            var one: UInt64 = 1
            _ = write(descriptor, &one, 8)
        }
    }

    let wakeup: Wakeup
    private let epoll: Int32
    private var events = [epoll_event](repeating: epoll_event(), count: 64)

    /// nil when there is no file descriptor or memory.
    init?() {
        let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        let descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        self.epoll = epoll
        wakeup = Wakeup(descriptor: descriptor)
        // Each write is a new edge (EPOLLET), so the counter need not be read.
        var event = epoll_event(events: EPOLLIN.rawValue | EPOLLET.rawValue, data: epoll_data_t(fd: descriptor))
        guard epoll >= 0, descriptor >= 0, epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 else {
            close()
            return nil
        }
    }

    /// Closes the file descriptors. `wakeup` must not be used afterwards.
    func close() {
        if epoll >= 0 { _ = Glibc.close(epoll) }
        if wakeup.descriptor >= 0 { _ = Glibc.close(wakeup.descriptor) }
    }

    /// Watches a socket, or stops watching it, as libcurl's socket callback demands with `CURL_POLL_…`
    /// (https://curl.se/libcurl/c/CURLMOPT_SOCKETFUNCTION.html).
    func watch(_ socket: Int32, for what: Int32) {
        guard what != CURL_POLL_REMOVE else {
            // The error for a closed socket is ignored: the kernel has removed it from the set already.
            _ = epoll_ctl(epoll, EPOLL_CTL_DEL, socket, nil)
            return
        }
        var wanted: UInt32 = 0
        if what & CURL_POLL_IN != 0 { wanted |= EPOLLIN.rawValue }
        if what & CURL_POLL_OUT != 0 { wanted |= EPOLLOUT.rawValue }
        var event = epoll_event(events: wanted, data: epoll_data_t(fd: socket))
        if epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event) != 0 {
            _ = epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event)
        }
    }

    /// Sleeps until a socket is ready, `wakeup` is signalled or the time is over, then calls `ready` for each ready
    /// socket with libcurl's `CURL_CSELECT_…` bits. False when `epoll_wait` fails for another reason than a signal.
    func wait(milliseconds: Int32, _ ready: (Int32, Int32) -> Void) -> Bool {
        let count = epoll_wait(epoll, &events, Int32(events.count), milliseconds)
        let isInterrupted = count < 0 && errno == EINTR
        guard count >= 0 else { return isInterrupted }
        for event in events.prefix(Int(count)) {
            let descriptor = event.data.fd
            guard descriptor != wakeup.descriptor else { continue }
            var what: Int32 = 0
            if event.events & EPOLLIN.rawValue != 0 { what |= CURL_CSELECT_IN }
            if event.events & EPOLLOUT.rawValue != 0 { what |= CURL_CSELECT_OUT }
            if event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { what |= CURL_CSELECT_ERR }
            ready(descriptor, what)
        }
        return true
    }
}
