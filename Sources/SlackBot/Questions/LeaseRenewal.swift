import Analytics
import Bridge
import Logging

/// Renews the leases of the questions that this process works on.
struct LeaseRenewal: Sendable {
    /// A lease lasts 5 s, so that one renewal may fail.
    private static let interval = Duration.milliseconds(1_500)

    let store: Store
    let process: ProcessRow
    let inFlight: InFlightQuestions
    /// Whether the process is registered in the store, so that others know that it is live.
    var isRegistered = true
    let logger: Logger

    /// Runs until it is cancelled. A question whose lease was not renewed is lost; one that another process was asked to
    /// stop is stopped.
    ///
    /// - Parameter stop: called when another process of the same name is running.
    func run(onNameTaken stop: @Sendable (StoreError) -> Void = { _ in }) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.interval)
            do {
                let working = inFlight.claimed
                let renewed = try await store.renewLeases(of: process)
                for id in working.subtracting(renewed.held) { inFlight.lose(id) }
                for (id, request) in renewed.stops { inFlight.stop(id, request) }
                if isRegistered { try await store.stayRegistered(process) }
            } catch let error as StoreError where error.code == .nameTaken {
                stop(error)
            } catch {
                guard !Task.isCancelled else { return }
                logger.warning("Leases could not be renewed.", metadata: ["error": "\(error)"])
            }
        }
    }
}
