{#-
    A bill is quoted as a bank-discount rate d: the price of one dollar due in r days is 1 - d * r / 360. Repo, reverse
    repo and interest on reserves are simple interest on what is paid, over 360 days. The two may be compared, and a bond
    with either, only on one basis (31 CFR part 356, appendix B, on the price and the investment rate of bills; Stigum and
    Robinson, Money Market and Bond Calculations). Rates in percent in and out; bills of at most half a year.
-#}

{#- Simple interest on the price, ACT/360: the basis of repo. -#}
{% macro money_market_yield_pct(discount_rate_pct, days) -%}
    {{ discount_rate_pct }} / (1 - {{ discount_rate_pct }} / 100 * {{ days }} / 360)
{%- endmacro %}

{#- The same over 365 days: the investment rate, the basis of bonds. -#}
{% macro bond_equivalent_yield_pct(discount_rate_pct, days) -%}
    365 * {{ discount_rate_pct }} / (360 - {{ days }} * {{ discount_rate_pct }} / 100)
{%- endmacro %}
