"""Reports about equipment, for a center, a province and the country: what there is, what it is worth, what moved."""

from services.inventory_reports.scope import AGES, Age, Filters, Parts, Scope, scope
from services.inventory_reports.sheets import write_stock, write_traffic
from services.inventory_reports.stock import Row, Stock, Sums, stock
from services.inventory_reports.traffic import Period, Traffic, period, traffic

__all__ = [
    "AGES",
    "Age",
    "Filters",
    "Parts",
    "Period",
    "Row",
    "Scope",
    "Stock",
    "Sums",
    "Traffic",
    "period",
    "scope",
    "stock",
    "traffic",
    "write_stock",
    "write_traffic",
]
