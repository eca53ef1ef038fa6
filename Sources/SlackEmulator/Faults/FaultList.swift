import NIOConcurrencyHelpers

/// The injected faults that have not been used up.
final class FaultList: Sendable {
    private let faults = NIOLockedValueBox<[APIFault]>([])

    func add(_ fault: APIFault) { faults.withLockedValue { $0.append(fault) } }
    func clear() { faults.withLockedValue { $0.removeAll() } }

    var waiting: [APIFault] { faults.withLockedValue { $0 } }

    /// The first fault for this method or `*`; counts the call and removes the fault when it is used up.
    func take(_ method: String) -> APIFault.Kind? {
        faults.withLockedValue { faults in
            guard let index = faults.firstIndex(where: { $0.method == method || $0.method == "*" }) else { return nil }
            let kind = faults[index].kind
            faults[index].times -= 1
            if faults[index].times <= 0 { faults.remove(at: index) }
            return kind
        }
    }
}
